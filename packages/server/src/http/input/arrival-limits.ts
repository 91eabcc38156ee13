import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { refuseMalformed } from './refuse-malformed.ts';

export interface ArrivalLimits {
  /** Milliseconds for the headers, and for the whole request unless its credential was accepted. */
  readonly arrival: number;
  readonly check: number;
}

export const ARRIVAL_LIMITS: ArrivalLimits = { arrival: 30_000, check: 1_000 };

/** An unread body is drained up to this size after its answer. */
const MAX_DRAINED_BYTES = 16 * 1024 * 1024;

const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** Limits by request: Node's limit is one for all, but recordings may arrive slowly. */
export function limitArrival(app: FastifyInstance, { arrival, check }: ArrivalLimits): void {
  // Before Fastify, which may accept the credential in the same turn.
  app.server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!hasBody(request)) return;
    const timer = setTimeout(() => refuseLateRequest(request, response), arrival).unref();
    timers.set(request, timer);
    request.once('end', () => clearTimeout(timer));
    response.once('finish', () => {
      if (timers.has(request) && !request.complete) limitDrainedBytes(request, check);
    });
  });
}

export function liftArrivalLimit(request: IncomingMessage): void {
  const timer = timers.get(request);
  if (timer === undefined) return;
  clearTimeout(timer);
  timers.delete(request);
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function refuseLateRequest(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || request.socket.destroyed) return;
  const timeout = Object.assign(new Error('the body did not arrive in time'), {
    code: 'ERR_HTTP_REQUEST_TIMEOUT',
  });
  if (response.headersSent) request.socket.destroy();
  else refuseMalformed(timeout, request.socket, response);
}

/** Draining lets a client that sends everything before it reads see the answer. */
function limitDrainedBytes(request: IncomingMessage, check: number): void {
  const { socket } = request;
  const before = socket.bytesRead;
  const timer = setInterval(() => {
    if (request.complete || socket.destroyed) clearInterval(timer);
    else if (socket.bytesRead - before > MAX_DRAINED_BYTES) socket.destroy();
  }, check).unref();
}
