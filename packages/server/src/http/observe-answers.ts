import { pipeline, Readable, Transform } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';

export interface SentAnswer {
  /** The operation's name; `Request` outside of every operation. */
  readonly op: string;
  readonly method: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** Takes each answer before its last byte is sent; throws to turn it into a failure. */
export type AnswerObserver = (answer: SentAnswer) => void;

/** Collects whole bodies, so it is for tests only. */
export function observeAnswers(app: FastifyInstance, observe: AnswerObserver): void {
  const seen = new WeakSet<FastifyReply>();
  app.addHook('onSend', (request, reply, payload: unknown, done) => {
    // An observer's failure passes here again.
    if (seen.has(reply)) return done(null, payload);
    seen.add(reply);
    const contentType = String(reply.getHeader('content-type') ?? '');
    const { op, method } = request;
    const pass = (body: Buffer) =>
      observe({ op, method, status: reply.statusCode, contentType, body });
    if (payload instanceof Readable && contentType.startsWith('application/json')) {
      return done(
        null,
        pipeline(payload, collect(pass), () => undefined),
      );
    }
    try {
      const isWhole = typeof payload === 'string' || payload instanceof Uint8Array;
      pass(isWhole ? Buffer.from(payload) : Buffer.alloc(0));
      done(null, payload);
    } catch (error) {
      done(error as Error);
    }
  });
}

function collect(pass: (body: Buffer) => void): Transform {
  const chunks: Buffer[] = [];
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done(null, chunk);
    },
    flush(done) {
      try {
        pass(Buffer.concat(chunks));
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
