import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** How long requests that have begun may go on, in milliseconds. */
const PATIENCE = 30_000;
const LOOK_EVERY = 20;

/**
 * Stops taking connections, finishes what was begun, and then closes the connections that are left.
 * One over which no request has come yet is not idle to Node, and would keep the server open.
 */
export function finishRequests(app: FastifyInstance): () => Promise<void> {
  const open = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return async () => {
    let isClosed = false;
    const closed = app.close().finally(() => {
      isClosed = true;
    });
    const deadline = performance.now() + PATIENCE;
    while (!isClosed) {
      app.server.closeIdleConnections();
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
      if (performance.now() > deadline) app.server.closeAllConnections();
      await pause(LOOK_EVERY);
    }
    await closed;
  };
}
