import { ColloquyError, ConnectionError } from './error.ts';
import { pause, retryDelay } from './retry.ts';

export interface ClientOptions {
  baseUrl: string;
  /** Not needed with a session cookie. */
  apiKey?: string;
  /** Called before each request; returns headers such as the `X-CSRF-Token` of a session. */
  headers?: () => Record<string, string>;
  /** The maximum of retries after 429, 503 or a lost connection; 3 by default. Streams that were open are retried without end. */
  retries?: number;
  fetch?: typeof fetch;
}

export interface RequestOptions {
  signal?: AbortSignal;
  /** The body as JSON text, sent unchanged instead of the body keys of the input. */
  json?: string | Uint8Array<ArrayBuffer> | Blob;
  /** For operations that accept one: a repeat with the same key gets the first answer. */
  idempotencyKey?: string;
  /** Called for a success before its `Data` is returned; status 201 means created. */
  onSuccess?: (answer: { status: number; requestId: string | null }) => void;
}

export interface Target {
  op: string;
  method: string;
  path: string;
  body?: string | Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  contentType?: string;
  idempotent: boolean;
  isDownload: boolean;
}

interface Reply {
  response: Response;
  text: string;
}

/** Returns `Data` or a download. ColloquyError from the server, ConnectionError without answer. */
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
      // The request may have arrived, so only repeatable requests are sent again.
      if (attempt >= retries || !target.idempotent) {
        throw new ConnectionError(`The server at ${client.baseUrl} does not answer.`, error);
      }
      await pause(retryDelay(attempt, null), signal);
      continue;
    }
    const { response } = reply;
    const busy = response.status === 429 || response.status === 503;
    if (!busy || attempt >= retries) return readAnswer(target, reply, options);
    await pause(retryDelay(attempt, response), signal);
  }
}

export function headersOf(client: ClientOptions, target: Target, options: RequestOptions): Headers {
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

export function readAnswer(
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
    const message = `The server answered ${status} with a body that is not JSON.`;
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
