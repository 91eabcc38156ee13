import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { until } from '../servers/server-process.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';
import { StreamActions } from './stream-actions.ts';

let server: TestServer;
let call: StreamActions;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  call = new StreamActions(server, await server.newBusiness());
});
afterEach(() => call.closeAll());

test('a comment follows every 15 seconds, in streams of a business with the id to resume from', async () => {
  await call.append('a', call.started(), call.said('one'));
  await until(async () => server.app.ctx.streams.count === 0);
  // The streams share one timer, which starts with the first one.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const one = await call.follow('a');
    const all = await call.open('/stream');
    await one.untilTold('one');
    await until(async () => all.parser.lastEventId !== null);
    const comments = (text: string) => text.match(/^: still here$/gm)?.length ?? 0;
    vi.advanceTimersByTime(14_000);
    vi.advanceTimersByTime(1_000);
    await until(async () => comments(one.text) === 1 && comments(all.text) === 1);
    await call.append('b', call.started());
    await call.append('a', call.said('two'));
    await all.untilTold('two');
    vi.advanceTimersByTime(15_000);
    await until(async () => comments(one.text) === 2 && comments(all.text) === 2);
    expect(one.text).toMatch(/: still here\n\n$/);
    const [, id = ''] = /: still here\nid: (\S+)\n\n$/.exec(all.text) ?? [];
    const rest = await call.open('/stream', id);
    await call.append('b', call.said('three'));
    await rest.untilTold('three');
    expect(rest.told).toEqual(['three']);
    call.closeAll();
    await until(async () => server.app.ctx.streams.count === 0);
  } finally {
    vi.useRealTimers();
  }
});

describe('a client that makes no progress for 10 seconds', () => {
  /** The server's side of connections that begin meanwhile. */
  async function withSockets(work: (sockets: Socket[]) => Promise<void>): Promise<void> {
    const sockets: Socket[] = [];
    const note = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
    subscribe('http.server.request.start', note);
    try {
      await work(sockets);
    } finally {
      unsubscribe('http.server.request.start', note);
    }
  }

  async function openUnread(): Promise<Socket> {
    const { hostname, port, pathname } = new URL(call.url('/stream'));
    const client = connect(Number(port), hostname);
    client.write(
      `GET ${pathname} HTTP/1.1\r\nHost: x\r\nAuthorization: Token ${ADMIN_KEY}\r\n\r\n`,
    );
    await new Promise((resolve) => client.once('readable', resolve));
    return client;
  }

  test('is disconnected if something is unsent, and an idle stream stays open', async () => {
    await withSockets(async (sockets) => {
      const client = await openUnread();
      const [socket] = sockets;
      if (!socket) throw new Error('no connection was noted');
      expect(socket.timeout).toBe(10_000);
      const { streams } = server.app.ctx;
      await until(async () => streams.count === 1);
      // Node emits it after this time without bytes in either direction.
      socket.emit('timeout');
      await call.append('a', call.started());
      while (socket.writableLength === 0) await call.append('a', call.said('x'.repeat(200_000)));
      expect(streams.count).toBe(1);
      socket.emit('timeout');
      await until(async () => streams.count === 0);
      expect(socket.destroyed).toBe(true);
      client.destroy();
    });
  });
});

describe('a conversation that is older than the change log', () => {
  const MONTH = 30 * 86_400;

  async function age(): Promise<void> {
    server.clock.advance(MONTH);
    await server.runJob('remove-old-changes');
  }

  test('is followed and resumed by ids that the log still has', async () => {
    await call.append('a', call.started(), call.said('old'));
    const idle = await call.follow('a');
    const all = await call.open('/stream');
    await idle.untilTold('old');
    await until(async () => all.parser.lastEventId !== null);
    const beforeAll = all.parser.lastEventId;
    await age();
    const meanwhile = await call.follow('a');
    await meanwhile.untilTold('old');
    await call.append('a', call.said('one'), call.said('two'));
    for (const stream of [idle, meanwhile]) await stream.untilTold('two');
    await all.untilTold('two');
    expect(idle.told).toEqual(['SessionStarted', 'old', 'one', 'two']);
    expect(meanwhile.told).toEqual(idle.told);
    expect(all.told).toEqual(['one', 'two']);
    const resumed = await call.follow('a', idle.ids[2]);
    await resumed.untilTold('two');
    expect(resumed.told).toEqual(['two']);
    const expired = await call.follow('a', idle.ids[1]);
    await expired.untilTold('two');
    expect(expired.told).toEqual(['reset', 'SessionStarted', 'old', 'one', 'two']);
    const business = await call.open('/stream', beforeAll);
    await business.untilTold('two');
    expect(business.told).toEqual(['one', 'two']);
  });

  test('is resumed without a reset if nothing has happened since the log lost it', async () => {
    await call.append('a', call.started(), call.said('old'));
    await age();
    const stream = await call.follow('a');
    await stream.untilTold('old');
    const [first, last] = stream.ids;
    const rest = await call.follow('a', first);
    await rest.untilTold('old');
    expect(rest.told).toEqual(['old']);
    const resumed = await call.follow('a', last);
    await call.append('a', call.said('new'));
    await resumed.untilTold('new');
    expect(resumed.told).toEqual(['new']);
  });

  test('ends with everything once it is sealed', async () => {
    await call.append('a', call.started(), call.said('old'));
    const stream = await call.follow('a');
    await stream.untilTold('old');
    await age();
    await call.append('a', call.said('new'), call.ended());
    await call.seal();
    await stream.untilOver();
    const told = ['SessionStarted', 'old', 'new', 'SessionEnded', 'end'];
    expect(stream.told).toEqual(told);
    const again = await call.follow('a');
    await again.untilOver();
    expect(again.told).toEqual(told);
    expect((await call.follow('a', stream.ids.at(-1))).response.status).toBe(204);
    await age();
    const late = await call.follow('a');
    await late.untilOver();
    expect(late.told).toEqual(told);
    expect((await call.follow('a', late.ids.at(-1))).response.status).toBe(204);
  });
});
