import { type Code, REASONS } from '@colloquy/wire';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Fault } from '../base/fault.ts';

/** What Fastify itself refuses, in our codes. */
const FRAMEWORK_FAULTS: Readonly<Record<string, readonly [Code, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['PAYLOAD_TOO_LARGE', 'The body is larger than this takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'UNSUPPORTED_MEDIA_TYPE',
    'Send the body with Content-Type: application/json.',
  ],
  FST_ERR_CTP_EMPTY_TYPE: ['UNSUPPORTED_MEDIA_TYPE', 'Send the body with a Content-Type.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'INVALID_REQUEST',
    'The body is not as long as its Content-Length says.',
  ],
  FST_ERR_BAD_URL: ['INVALID_REQUEST', 'The path of the URL is not well-formed.'],
  ERR_STREAM_PREMATURE_CLOSE: ['INVALID_REQUEST', 'The body ended before it was complete.'],
  ECONNRESET: ['INVALID_REQUEST', 'The body ended before it was complete.'],
};

/** Answers an error: a Fault as it says, anything else as a masked 500 that is logged. */
export function sendError(
  log: Logger,
  operation: string,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const fault = toFault(error, request);
  if (fault.code === 'INTERNAL_ERROR' || fault.code === 'UNAVAILABLE') {
    log.error({ op: operation, requestId: request.id, err: fault.cause ?? fault }, fault.message);
  }
  return sendFault(operation, fault, reply);
}

export function sendFault(operation: string, fault: Fault, reply: FastifyReply): FastifyReply {
  const { status } = REASONS[fault.code];
  if (status === 401) reply.header('WWW-Authenticate', 'Token');
  if (status === 429 || status === 503) reply.header('Retry-After', fault.retryAfterSeconds ?? 1);
  return reply
    .code(status)
    .header('Content-Type', 'application/json; charset=utf-8')
    .send(failureText(operation, fault));
}

/** The body of a failure. */
export function failureText(operation: string, fault: Pick<Fault, 'code' | 'message'>): string {
  return JSON.stringify({
    Success: false,
    Code: `${operation}:${fault.code}`,
    Message: fault.message,
  });
}

function toFault(error: unknown, request: FastifyRequest): Fault {
  if (error instanceof Fault) return error;
  const code = (error as Partial<FastifyError>)?.code ?? '';
  const known = FRAMEWORK_FAULTS[code];
  if (known) return new Fault(known[0], known[1], { cause: error });
  return new Fault('INTERNAL_ERROR', `Something went wrong on our side (request ${request.id}).`, {
    cause: error,
  });
}
