import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import pg from 'pg';

/** Stands between a server and its PostgreSQL, and can let the packets vanish. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Nothing goes through any more, and nothing is closed: on connections that are there and new ones. */
  silence(): void;
  /** New connections go through; the earlier ones too, or never again. */
  forward(which: 'all' | 'only new'): void;
  /** The earlier connections fall silent for good, while new ones go through. */
  forget(): void;
  /** Closes every connection and refuses new ones, until `forward`. */
  refuse(): void;
  /** Resolves when the server has sent that many more packets to its database. */
  untilSent(packets: number): Promise<void>;
}

export async function openProxy(target: pg.ClientConfig): Promise<TcpProxy> {
  const { host, port } = new pg.Client(target);
  let pairs: (readonly [Socket, Socket])[] = [];
  let state: 'forward' | 'silent' | 'refuse' = 'forward';
  let sent = 0;
  const sentWaiters = new Set<() => void>();
  const stop = (pair: readonly Socket[]) => {
    for (const socket of pair) socket.pause();
  };
  const server = createServer((near) => {
    if (state === 'refuse') {
      near.destroy();
      return;
    }
    const far = host.startsWith('/')
      ? createConnection(`${host}/.s.PGSQL.${port}`)
      : createConnection(port, host);
    const pair = [near, far] as const;
    pairs.push(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
      from.on('data', (bytes) => to.write(bytes));
    }
    near.on('data', () => {
      sent += 1;
      for (const look of sentWaiters) look();
    });
    if (state === 'silent') stop(pair);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    silence() {
      state = 'silent';
      for (const pair of pairs) stop(pair);
    },
    forward(which) {
      state = 'forward';
      if (which === 'all') for (const socket of pairs.flat()) socket.resume();
      else pairs = [];
    },
    forget() {
      for (const pair of pairs) stop(pair);
      pairs = [];
    },
    refuse() {
      state = 'refuse';
      for (const socket of pairs.flat()) socket.destroy();
    },
    untilSent(packets) {
      const goal = sent + packets;
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => {
        if (sent < goal) return;
        sentWaiters.delete(look);
        resolve();
      };
      sentWaiters.add(look);
      return promise;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of pairs.flat()) socket.destroy();
      server.close();
    },
  };
}

/** The URL that leads to the same database through a port of this machine. */
export function urlThrough(port: number, connection: pg.ClientConfig): string {
  const { user, password, database } = new pg.Client(connection);
  const secret = password ? `:${encodeURIComponent(String(password))}` : '';
  return `postgres://${encodeURIComponent(user ?? '')}${secret}@127.0.0.1:${port}/${database}`;
}
