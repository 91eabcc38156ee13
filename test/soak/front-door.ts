import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** One address for a server that is killed and starts again at another port. */
export interface FrontDoor extends AsyncDisposable {
  readonly url: string;
  /** Until then, and while the server is gone, connections are closed. */
  leadTo(serverUrl: string): void;
}

export async function openFrontDoor(): Promise<FrontDoor> {
  let target = 0;
  const sockets = new Set<Socket>();
  const door = createServer((near) => {
    const far = createConnection(target, '127.0.0.1');
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return {
    url: `http://127.0.0.1:${(door.address() as AddressInfo).port}`,
    leadTo(serverUrl) {
      target = Number(new URL(serverUrl).port);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      door.close();
    },
  };
}
