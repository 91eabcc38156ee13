import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { refuseMalformed } from './refuse-malformed.ts';

export interface ArrivalLimits {
  /**
   * Milliseconds within which the headers of a request have to arrive, and the whole of it unless its
   * credential was accepted.
   */
  readonly arrival: number;
  /** Milliseconds between two checks of all connections. */
  readonly check: number;
}

export const ARRIVAL_LIMITS: ArrivalLimits = { arrival: 30_000, check: 1_000 };

/** Bytes that are read and dropped after an answer that did not need the body. */
const MAX_DROPPED_BYTES = 16 * 1024 * 1024;

const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/**
 * Closes the connection of each request whose body has not arrived in time. Node bounds the headers;
 * its limit for bodies holds for all requests alike, and a recording may come over a slow line.
 */
export function limitArrival(app: FastifyInstance, { arrival, check }: ArrivalLimits): void {
  // Before Fastify, which may accept the credential in the same turn.
  app.server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!hasBody(request)) return;
    const timer = setTimeout(() => refuseLate(request, response), arrival).unref();
    timers.set(request, timer);
    request.once('end', () => clearTimeout(timer));
    response.once('finish', () => {
      if (timers.has(request) && !request.complete) boundDropped(request, check);
    });
  });
}

/** Lifts the limit of a request whose credential was accepted. */
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

function refuseLate(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || request.socket.destroyed) return;
  const late = Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  // An answer has told the client already why nobody waits for the rest.
  if (response.headersSent) request.socket.destroy();
  else refuseMalformed(late, request.socket, response);
}

/** Reading on lets a client see its answer that sends everything before it reads. */
function boundDropped(request: IncomingMessage, check: number): void {
  const { socket } = request;
  const before = socket.bytesRead;
  const timer = setInterval(() => {
    if (request.complete || socket.destroyed) clearInterval(timer);
    else if (socket.bytesRead - before > MAX_DROPPED_BYTES) socket.destroy();
  }, check).unref();
}
