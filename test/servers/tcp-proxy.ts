import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import pg from 'pg';

/** A proxy between a server and its PostgreSQL, which can drop packets. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Drops all packets without closing connections, present and new. */
  silence(): void;
  /** Forwards new connections, and with `all` the earlier ones too. */
  forward(which: 'all' | 'only new'): void;
  /** Silences the earlier connections permanently, and forwards new ones. */
  forget(): void;
  /** Closes every connection and refuses new ones, until `forward`. */
  refuse(): void;
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

/** The URL of the same database through a port of this machine. */
export function urlThrough(port: number, connection: pg.ClientConfig): string {
  const { user, password, database } = new pg.Client(connection);
  const secret = password ? `:${encodeURIComponent(String(password))}` : '';
  return `postgres://${encodeURIComponent(user ?? '')}${secret}@127.0.0.1:${port}/${database}`;
}
