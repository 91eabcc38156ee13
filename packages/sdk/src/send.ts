import { ColloquyError } from './error.ts';

export interface ClientOptions {
  /** Where the server is, such as `http://127.0.0.1:8080`. */
  baseUrl: string;
  apiKey: string;
  /** Times that a request is sent again after 429, 503 or a lost connection; 3 by default. */
  retries?: number;
  /** Instead of the platform's own. */
  fetch?: typeof fetch;
}

export interface RequestOptions {
  signal?: AbortSignal;
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
}

const LONGEST_WAIT = 30_000;

/** Sends a request and gives the `Data` of its answer. ColloquyError where it is a failure. */
export async function send(
  client: ClientOptions,
  target: Target,
  { signal }: RequestOptions = {},
): Promise<unknown> {
  const isStream = target.body instanceof ReadableStream;
  const retries = isStream ? 0 : (client.retries ?? 3);
  for (let attempt = 0; ; attempt += 1) {
    let response: Response;
    try {
      response = await request(client, target, isStream, signal);
    } catch (error) {
      // The request may have arrived; it is sent again only where twice is the same as once.
      if (attempt >= retries || signal?.aborted || !target.idempotent) throw error;
      await pause(backoff(attempt), signal);
      continue;
    }
    const busy = response.status === 429 || response.status === 503;
    if (!busy || attempt >= retries) return readAnswer(target.op, response);
    await response.body?.cancel();
    await pause(retryAfter(response) ?? backoff(attempt), signal);
  }
}

function request(
  client: ClientOptions,
  target: Target,
  isStream: boolean,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const headers = new Headers({ Authorization: `Token ${client.apiKey}` });
  if (target.contentType !== undefined) headers.set('Content-Type', target.contentType);
  const url = `${client.baseUrl.replace(/\/+$/, '')}/api/v1${target.path}`;
  return (client.fetch ?? fetch)(url, {
    method: target.method,
    headers,
    ...(target.body !== undefined && { body: target.body }),
    ...(isStream && { duplex: 'half' }),
    ...(signal && { signal }),
  } as RequestInit);
}

async function readAnswer(op: string, response: Response): Promise<unknown> {
  const text = await response.text();
  const requestId = response.headers.get('x-request-id');
  const { status } = response;
  let answer: { Success?: unknown; Data?: unknown; Code?: unknown; Message?: unknown };
  try {
    answer = JSON.parse(text);
  } catch {
    const message = `The server answered ${status} with something that is not JSON.`;
    throw new ColloquyError({ code: `${op}:UNEXPECTED_ANSWER`, message, status, requestId });
  }
  if (answer.Success === true) return answer.Data;
  throw new ColloquyError({
    code: String(answer.Code ?? `${op}:UNEXPECTED_ANSWER`),
    message: String(answer.Message ?? `The server answered ${status}.`),
    status,
    requestId,
  });
}

/** Seconds, or a date (RFC 9110, section 10.2.3); in milliseconds. */
function retryAfter(response: Response): number | null {
  const text = response.headers.get('retry-after');
  if (text === null) return null;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(milliseconds) ? null : Math.min(Math.max(milliseconds, 0), LONGEST_WAIT);
}

/** Doubles from 200 ms, with half of it by chance, so that clients do not come back together. */
function backoff(attempt: number): number {
  return 200 * 2 ** attempt * (0.5 + Math.random() / 2);
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
