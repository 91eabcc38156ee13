import { randomBytes } from 'node:crypto';
import { type Op, ops } from '@colloquy/wire';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';

const PROCESS = randomBytes(6).toString('base64url');
let requests = 0;

/** Unique among all nodes. */
export function newRequestId(): string {
  requests += 1;
  return `req_${PROCESS}_${requests.toString(36)}`;
}

const READ_METHODS = new Set(['GET', 'HEAD']);
/** Includes reads with a POST method. */
const READS: ReadonlySet<string> = new Set(
  Object.values<Op>(ops)
    .filter(
      ({ permission }) =>
        typeof permission === 'object' && permission.anyOf.join() === 'Retrieving',
    )
    .map(({ name }) => name),
);
const SLOW_MILLISECONDS = 1_000;

export function observeRequests(app: FastifyInstance, { log, metrics }: Context): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('X-Request-Id', request.id);
    reply.header('X-Content-Type-Options', 'nosniff');
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { op, scope } = request;
    const { statusCode: status, elapsedTime } = reply;
    metrics.observeRequest(op, status, elapsedTime / 1000);
    // One line per read would be most of the log and repeat the metrics.
    const isRead = READS.has(op) || READ_METHODS.has(request.method);
    const isPlainRead = isRead && status < 400 && elapsedTime < SLOW_MILLISECONDS;
    log[isPlainRead ? 'debug' : 'info'](
      {
        op,
        requestId: request.id,
        userId: scope?.userId,
        businessId: scope && 'businessId' in scope ? scope.businessId : undefined,
        status,
        ms: Math.round(elapsedTime * 10) / 10,
      },
      'answered',
    );
    done();
  });
}
