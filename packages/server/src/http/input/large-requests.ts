import { Readable } from 'node:stream';
import type { Op, OpName } from '@colloquy/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type FairShare, LARGE_BYTES, type Share } from '../../kernel/fair-share/fair-share.ts';
import { Fault } from '../../kernel/fault.ts';
import { goneSignal } from '../routes/received-call.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What its large work has taken; null while it has had none. */
    share: Share | null;
  }
}

/**
 * Operations that cost much whatever their body: they take a slot before their handler runs. Of all
 * others only large bodies and large documents do. VerifyRecordings and CreateBackup are not here: they
 * go on for minutes, one file after the other, and would keep a slot from everybody.
 */
const LARGE: ReadonlySet<OpName> = new Set<OpName>([
  'GetConversationAnalytics',
  'GetQueueAnalytics',
  'SimulateOutboundQueue',
  'PreviewRetention',
]);

export const isLarge = (op: Op): boolean => LARGE.has(op.name as OpName);

/** The share of a request, which is given back when its answer has left or its client is gone. */
export function shareOf(fairShare: FairShare, request: FastifyRequest, reply: FastifyReply): Share {
  if (request.share) return request.share;
  const { scope } = request;
  // What belongs to no business is the installation's.
  const businessId = scope && 'businessId' in scope ? scope.businessId : 0;
  const gone = goneSignal(
    reply.raw,
    new Fault('INVALID_REQUEST', 'The connection was closed before the request was answered.'),
  );
  const taken = fairShare.open(businessId, request.op, gone);
  const { socket } = request.raw;
  /** Nothing comes or goes on the connection while it waits, which is no reason to close it. */
  const patiently = async (waiting: Promise<void>) => {
    const idleMs = socket.timeout ?? 0;
    socket.setTimeout(0);
    try {
      await waiting;
    } finally {
      socket.setTimeout(idleMs);
    }
  };
  const share: Share = {
    reserve: (bytes) => patiently(taken.reserve(bytes)),
    takeSlot: () => patiently(taken.takeSlot()),
    freeSlot: taken.freeSlot,
    release: taken.release,
  };
  reply.raw.once('close', taken.release);
  if (reply.raw.destroyed) taken.release();
  request.share = share;
  return share;
}

/**
 * Before a large JSON body is read: waits for the memory that it will take. Until then its bytes stay with
 * the client, since nobody reads the socket. Streams (recordings, rows) take no memory to speak of.
 */
export function admitBody(fairShare: FairShare, op: Op) {
  return (
    request: FastifyRequest,
    reply: FastifyReply,
    payload: Readable,
    done: (error: Error | null, payload?: Readable) => void,
  ): void => {
    const { 'content-length': length, 'content-type': type = '' } = request.headers;
    const isJson = type.toLowerCase().startsWith('application/json');
    // A request without either header has no body.
    const isUnbounded = length === undefined && 'transfer-encoding' in request.headers;
    const isSmall = !isUnbounded && Number(length ?? 0) <= LARGE_BYTES;
    // What is too large is refused by its header alone.
    if (!isJson || isSmall || Number(length ?? 0) > op.bodyLimit) {
      done(null, payload);
      return;
    }
    const share = shareOf(fairShare, request, reply);
    if (isUnbounded) done(null, Readable.from(reserveWhenLarge(payload, share, op)));
    else share.reserve(Number(length)).then(() => done(null, payload), done);
  };
}

async function* reserveWhenLarge(
  payload: Readable,
  share: Share,
  op: Op,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of payload.iterator({ destroyOnReturn: false })) {
    const wasLarge = bytes > LARGE_BYTES;
    bytes += chunk.length;
    if (bytes > LARGE_BYTES && !wasLarge) await share.reserve(op.bodyLimit);
    yield chunk;
  }
}
