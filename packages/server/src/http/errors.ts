import { REASONS } from '@colloquy/wire';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Fault } from '../kernel/fault.ts';
import { CLIENT_FAULTS } from './framework-errors.ts';

const ABORTED_BODY_CODES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

export function sendError(
  log: Logger,
  operation: string,
  error: unknown,
  reply: FastifyReply,
): FastifyReply {
  const { request } = reply;
  const fault = toFault(error, request);
  if (fault.code === 'INTERNAL_ERROR' || fault.code === 'UNAVAILABLE') {
    log.error({ op: operation, requestId: request.id, err: fault.cause ?? fault }, fault.message);
  }
  const { status } = REASONS[fault.code];
  if (status === 401) reply.header('WWW-Authenticate', 'Token');
  if (status === 429 || status === 503) reply.header('Retry-After', fault.retryAfterSeconds ?? 1);
  return reply
    .code(status)
    .header('Content-Type', 'application/json; charset=utf-8')
    .send(failureText(operation, fault));
}

export const failureText = (
  operation: string,
  { code, message }: Pick<Fault, 'code' | 'message'>,
) => JSON.stringify({ Success: false, Code: `${operation}:${code}`, Message: message });

function toFault(error: unknown, { id, raw }: FastifyRequest): Fault {
  if (error instanceof Fault) return error;
  const code = (error as Partial<FastifyError>)?.code ?? '';
  const known = CLIENT_FAULTS[code];
  if (known) return new Fault(known[0], known[1], { cause: error });
  // Errors of other connections, such as that to the database, have the same codes.
  if (ABORTED_BODY_CODES.has(code) && raw.destroyed && !raw.complete) {
    return new Fault('INVALID_REQUEST', 'The body ended before it was complete.', { cause: error });
  }
  const message = `Something went wrong on our side (request ${id}).`;
  return new Fault('INTERNAL_ERROR', message, { cause: error });
}
