import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** One address for servers that are killed and start again at other ports. */
export interface FrontDoor extends AsyncDisposable {
  readonly url: string;
  /** Each new connection leads to the next of them; while that one is gone, it is closed. */
  leadTo(...serverUrls: string[]): void;
}

export async function openFrontDoor(): Promise<FrontDoor> {
  let targets: number[] = [0];
  let opened = 0;
  const sockets = new Set<Socket>();
  const door = createServer((near) => {
    const target = targets[opened++ % targets.length] ?? 0;
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
    leadTo(...serverUrls) {
      targets = serverUrls.map((url) => Number(new URL(url).port));
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      door.close();
    },
  };
}
