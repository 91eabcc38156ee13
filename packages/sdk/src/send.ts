import { ColloquyError, ConnectionError } from './error.ts';
import { pause, waitBefore } from './retry.ts';

export interface ClientOptions {
  /** Where the server is, such as `http://127.0.0.1:8080`. */
  baseUrl: string;
  /** Without one a browser is known by its cookie. */
  apiKey?: string;
  /** Asked before each request for what goes with it, such as the `X-CSRF-Token` of a session. */
  headers?: () => Record<string, string>;
  /** Times that a request is sent again after 429, 503 or a lost connection; 3 by default. */
  retries?: number;
  /** Instead of the platform's own. */
  fetch?: typeof fetch;
}

export interface RequestOptions {
  signal?: AbortSignal;
  /** The body as JSON text, sent as it is in place of the input's body keys. */
  json?: string | Uint8Array<ArrayBuffer> | Blob;
  /** Where the operation takes one: a repeat with the same key answers as the first request did. */
  idempotencyKey?: string;
  /** Told of a success before its `Data` is given: 201 says that something was created. */
  onSuccess?: (answer: { status: number; requestId: string | null }) => void;
}

/** A request, made from an operation's declaration. */
export interface Target {
  op: string;
  method: string;
  /** Below `/api/v1`. */
  path: string;
  body?: string | Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  contentType?: string;
  idempotent: boolean;
  /** A success is bytes, which are given as they come. */
  isDownload: boolean;
}

interface Reply {
  response: Response;
  text: string;
}

/**
 * Sends a request and gives the `Data` of its answer, or of a download its bytes. ColloquyError where that is a failure,
 * ConnectionError where there is none.
 */
export async function send(
  client: ClientOptions,
  target: Target,
  options: RequestOptions = {},
): Promise<unknown> {
  const { signal } = options;
  const headers = headersOf(client, target, options);
  const retries = target.body instanceof ReadableStream ? 0 : (client.retries ?? 3);
  for (let attempt = 0; ; attempt += 1) {
    let reply: Reply;
    try {
      reply = await request(client, target, headers, signal);
    } catch (error) {
      if (signal?.aborted) throw error;
      // The request may have arrived; it is sent again only where twice is the same as once.
      if (attempt >= retries || !target.idempotent) {
        throw new ConnectionError(`The server at ${client.baseUrl} does not answer.`, error);
      }
      await pause(waitBefore(attempt, null), signal);
      continue;
    }
    const { response } = reply;
    const busy = response.status === 429 || response.status === 503;
    if (!busy || attempt >= retries) return readAnswer(target, reply, options);
    await pause(waitBefore(attempt, response), signal);
  }
}

/** TypeError for what no header carries. */
function headersOf(client: ClientOptions, target: Target, options: RequestOptions): Headers {
  const headers = new Headers(client.headers?.());
  if (client.apiKey !== undefined) headers.set('Authorization', `Token ${client.apiKey}`);
  if (target.contentType !== undefined) headers.set('Content-Type', target.contentType);
  if (options.idempotencyKey !== undefined) headers.set('Idempotency-Key', options.idempotencyKey);
  return headers;
}

async function request(
  client: ClientOptions,
  target: Target,
  headers: Headers,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  const url = `${client.baseUrl.replace(/\/+$/, '')}/api/v1${target.path}`;
  const response = await (client.fetch ?? fetch)(url, {
    method: target.method,
    headers,
    ...(target.body !== undefined && { body: target.body }),
    ...(target.body instanceof ReadableStream && { duplex: 'half' }),
    ...(signal && { signal }),
  } as RequestInit);
  const isStream = target.isDownload && response.ok;
  return { response, text: isStream ? '' : await response.text() };
}

function readAnswer(
  { op, isDownload }: Target,
  { response, text }: Reply,
  options: RequestOptions,
): unknown {
  const requestId = response.headers.get('x-request-id');
  const { status } = response;
  if (isDownload && response.ok) {
    options.onSuccess?.({ status, requestId });
    return response.body;
  }
  let answer: { Success?: unknown; Data?: unknown; Code?: unknown; Message?: unknown } | null;
  try {
    answer = JSON.parse(text);
  } catch {
    const message = `The server answered ${status} with something that is not JSON.`;
    throw new ColloquyError({ code: `${op}:UNEXPECTED_ANSWER`, message, status, requestId });
  }
  if (answer?.Success === true) {
    options.onSuccess?.({ status, requestId });
    return answer.Data;
  }
  throw new ColloquyError({
    code: String(answer?.Code ?? `${op}:UNEXPECTED_ANSWER`),
    message: String(answer?.Message ?? `The server answered ${status}.`),
    status,
    requestId,
  });
}
