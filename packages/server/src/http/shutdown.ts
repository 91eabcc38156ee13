import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** How long requests that have begun may go on, in milliseconds. */
const PATIENCE = 30_000;
const LOOK_EVERY = 20;

/**
 * Stops taking connections, finishes what was begun, and then closes the connections that are left:
 * one over which no request has come yet would otherwise keep the server open.
 */
export function finishRequests(app: FastifyInstance): () => Promise<void> {
  let begun = 0;
  app.addHook('onRequest', (_request, reply, done) => {
    begun += 1;
    reply.raw.once('close', () => {
      begun -= 1;
    });
    done();
  });
  return async () => {
    let isClosed = false;
    const closed = app.close().finally(() => {
      isClosed = true;
    });
    const deadline = performance.now() + PATIENCE;
    while (!isClosed) {
      if (begun === 0 || performance.now() > deadline) app.server.closeAllConnections();
      await pause(LOOK_EVERY);
    }
    await closed;
  };
}
