import type { Readable } from 'node:stream';
import { errorCodes, type FastifyRequest } from 'fastify';
import { LARGE_BYTES } from '../../kernel/fair-share/fair-share.ts';
import { copyInTurns } from '../../kernel/threads/text-bytes.ts';

/** As much as one read of a socket returns. */
const BYTES_PER_TURN = 64 * 1024;

/**
 * Replaces Fastify's parser, which joins a large body without yielding. Same errors. A large body is
 * read in several turns of the event loop: a fast sender would otherwise fill each turn.
 */
export function collectBody(
  request: FastifyRequest,
  payload: Readable,
  done: (error: Error | null, body?: Buffer) => void,
): void {
  const limit = request.routeOptions.bodyLimit;
  const announced = Number(request.headers['content-length']);
  const parts: Buffer[] = [];
  let received = 0;
  let inTurn = 0;
  if (announced > limit) {
    done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
    return;
  }
  const end = (error: Error | null, body?: Buffer) => {
    payload.off('data', onData);
    payload.off('end', onEnd);
    payload.off('error', onError);
    done(error, body);
  };
  const onData = (part: Buffer) => {
    received += part.length;
    if (received > limit) {
      end(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
      return;
    }
    parts.push(part);
    inTurn += part.length;
    if (received <= LARGE_BYTES || inTurn < BYTES_PER_TURN) return;
    inTurn = 0;
    payload.pause();
    setImmediate(() => payload.resume());
  };
  const onEnd = () => {
    if (!Number.isNaN(announced) && received !== announced) {
      end(new errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH());
    } else if (received === 0) end(null);
    else if (received <= LARGE_BYTES) end(null, Buffer.concat(parts, received));
    else copyInTurns(parts, received).then((body) => end(null, body), end);
  };
  // The connection was closed, or the request waited too long for memory.
  const onError = (error: Error) => end(Object.assign(error, statusOf(error)));
  payload.on('data', onData);
  payload.on('end', onEnd);
  payload.on('error', onError);
  payload.resume();
}

const statusOf = (error: Error) => {
  const status = 'statusCode' in error ? error.statusCode : undefined;
  return { statusCode: typeof status === 'number' && status >= 400 ? status : 400 };
};
