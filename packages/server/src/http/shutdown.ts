import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** Requests in progress are aborted after this time. */
const GRACE_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 20;

/** Closes idle connections explicitly: Node skips those without any request. */
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
    const deadline = performance.now() + GRACE_MILLISECONDS;
    while (!isClosed) {
      app.server.closeIdleConnections();
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
      if (performance.now() > deadline) app.server.closeAllConnections();
      await pause(POLL_MILLISECONDS);
    }
    await closed;
  };
}
