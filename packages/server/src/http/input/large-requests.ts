import { Readable } from 'node:stream';
import type { Op, OpName } from '@colloquy/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type FairShare, LARGE_BYTES, type Share } from '../../kernel/fair-share/fair-share.ts';
import { Fault } from '../../kernel/fault.ts';
import { disconnectSignal } from '../routes/received-call.ts';

declare module 'fastify' {
  interface FastifyRequest {
    share: Share | null;
  }
}

/** Take a slot before their handler. Others run for minutes and would block it. */
const LARGE: ReadonlySet<OpName> = new Set<OpName>([
  'GetConversationAnalytics',
  'GetQueueAnalytics',
  'SimulateOutboundQueue',
  'PreviewRetention',
]);

export const isLarge = (op: Op): boolean => LARGE.has(op.name as OpName);

export function shareOf(fairShare: FairShare, request: FastifyRequest, reply: FastifyReply): Share {
  if (request.share) return request.share;
  const { scope } = request;
  const businessId = scope && 'businessId' in scope ? scope.businessId : 0;
  const disconnected = disconnectSignal(
    reply.raw,
    new Fault('INVALID_REQUEST', 'The connection was closed before the request was answered.'),
  );
  const taken = fairShare.open(businessId, request.op, disconnected);
  const { socket } = request.raw;
  /** Waiting must not trigger the connection's idle timeout. */
  const withoutIdleTimeout = async (waiting: Promise<void>) => {
    const idleMs = socket.timeout ?? 0;
    socket.setTimeout(0);
    try {
      await waiting;
    } finally {
      socket.setTimeout(idleMs);
    }
  };
  const share: Share = {
    ...taken,
    reserve: (bytes) => withoutIdleTimeout(taken.reserve(bytes)),
    takeSlot: () => withoutIdleTimeout(taken.takeSlot()),
  };
  reply.raw.once('close', taken.release);
  if (reply.raw.destroyed) taken.release();
  request.share = share;
  return share;
}

/** Until memory is reserved, nothing reads the socket. Streams need almost no memory. */
export function admitBody(fairShare: FairShare, op: Op) {
  const admit = admitBytes(fairShare, op.bodyLimit);
  return (...[request, reply, payload, done]: Parameters<typeof admit>): void => {
    const { 'content-type': type = '' } = request.headers;
    if (type.toLowerCase().startsWith('application/json')) admit(request, reply, payload, done);
    else done(null, payload);
  };
}

/** For a body of any type that is collected in memory. */
export function admitBytes(fairShare: FairShare, limit: number) {
  return (
    request: FastifyRequest,
    reply: FastifyReply,
    payload: Readable,
    done: (error: Error | null, payload?: Readable) => void,
  ): void => {
    const { 'content-length': length } = request.headers;
    const isUnbounded = length === undefined && 'transfer-encoding' in request.headers;
    const isSmall = !isUnbounded && Number(length ?? 0) <= LARGE_BYTES;
    // Their header gets bodies over the limit refused.
    if (isSmall || Number(length ?? 0) > limit) {
      done(null, payload);
      return;
    }
    const share = shareOf(fairShare, request, reply);
    if (isUnbounded) done(null, Readable.from(reserveWhenLarge(payload, share, limit)));
    else share.reserve(Number(length)).then(() => done(null, payload), done);
  };
}

async function* reserveWhenLarge(payload: Readable, share: Share, limit: number) {
  let bytes = 0;
  for await (const chunk of payload.iterator({ destroyOnReturn: false })) {
    const wasLarge = bytes > LARGE_BYTES;
    bytes += chunk.length;
    if (bytes > LARGE_BYTES && !wasLarge) await share.reserve(limit);
    yield chunk;
  }
}
