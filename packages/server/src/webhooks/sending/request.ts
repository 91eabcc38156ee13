import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { type Agent, request } from 'undici';
import { ForbiddenTarget } from '../../kernel/outbound-guard.ts';
import type { Attempt } from '../webhook.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

export interface Answered extends Omit<Attempt, 'at'> {
  readonly retryAfter: string | null;
}

interface Sending {
  readonly agent: Agent;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The agent has not let the request end, so its connections may be occupied. */
  onStuck(): void;
}

/** Sends a request once. Failures are part of the result. */
export async function sendRequest(sending: Sending): Promise<Answered> {
  const begun = performance.now();
  const { timeoutMs, signal } = sending;
  const duration = () => Math.round(performance.now() - begun);
  // undici ignores an abort while a request waits for a connection, so it cannot keep the time.
  const ending = new AbortController();
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);
  const end = (reason: unknown) => {
    ended.reject(reason);
    ending.abort(reason);
  };
  const onClose = () => end(signal.reason);
  const timer = setTimeout(() => end(new DOMException('', 'TimeoutError')), timeoutMs);
  signal.addEventListener('abort', onClose, { once: true });
  if (signal.aborted) onClose();
  try {
    const answered = await exchange(sending, ending.signal, ended.promise);
    return { ...answered, durationMs: duration() };
  } catch (error) {
    const failure = { httpStatus: null, answer: null, retryAfter: null };
    return { ...failure, error: explain(error, timeoutMs), durationMs: duration() };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onClose);
  }
}

async function exchange(
  { agent, url, headers, body, onStuck }: Sending,
  signal: AbortSignal,
  ended: Promise<never>,
): Promise<Omit<Answered, 'durationMs'>> {
  const options = { method: 'POST', dispatcher: agent, headers, body, signal } as const;
  const requested = request(url, options);
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  requested.then(settle, settle);
  const response = await Promise.race([requested, ended]).catch(async (error: unknown) => {
    await setImmediate();
    if (!isSettled) onStuck();
    // It is too late for an answer, which would occupy its connection until it is read.
    requested.then((late) => discard(late.body)).catch(() => undefined);
    throw error;
  });
  const { statusCode } = response;
  // The status decides, whatever happens to the rest of the answer.
  const answer = await readStart(response.body, ended);
  const isSuccess = statusCode >= 200 && statusCode < 300;
  const retryAfter = response.headers['retry-after'];
  return {
    httpStatus: statusCode,
    error: isSuccess ? null : `The receiver answered with ${statusCode}.`,
    answer,
    retryAfter: [retryAfter ?? null].flat()[0] ?? null,
  };
}

async function readStart(body: Readable, ended: Promise<never>): Promise<string> {
  const chunks: Uint8Array[] = [];
  const read = async () => {
    let bytes = 0;
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MAX_ANSWER_BYTES) break;
    }
  };
  await Promise.race([read(), ended]).catch(() => discard(body));
  const text = Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
  // PostgreSQL stores no NUL characters.
  return text.replaceAll('\u0000', '\ufffd');
}

function discard(body: Readable): void {
  // Without a listener, the error of the abort would end the process.
  body.on('error', () => undefined);
  body.destroy();
}

const MEANINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The receiver refused the connection',
  ECONNRESET: 'The receiver closed the connection',
  UND_ERR_SOCKET: 'The receiver closed the connection',
  ENOTFOUND: 'The name of the receiver is unknown',
  EAI_AGAIN: 'The name of the receiver cannot be resolved at the moment',
  EHOSTUNREACH: 'The receiver is unreachable',
  ENETUNREACH: 'The receiver is unreachable',
  CERT_HAS_EXPIRED: 'The certificate of the receiver has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the receiver is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate of the receiver cannot be verified',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the receiver is for another name',
};
const TIMEOUTS = [
  'TimeoutError',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
];

function explain(error: unknown, timeoutMs: number): string {
  if (error instanceof ForbiddenTarget)
    return `Requests to private networks are refused: ${error.message}.`;
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  const known = String(code ?? name ?? 'unknown');
  if (TIMEOUTS.includes(known) || name === 'TimeoutError') {
    return `The receiver did not answer within ${timeoutMs / 1000} s.`;
  }
  return `${MEANINGS[known] ?? 'The request failed'} (${known}).`;
}
