import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../servers/server-process.ts';
import { MASKED_READER, startTestServer, type TestServer } from '../servers/test-server.ts';
import { StreamActions } from './stream-actions.ts';

let server: TestServer;
let other: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const { connection, clock } = server;
  other = await startTestServer({ connection, overrides: { clock } });
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** Mulberry32: the same numbers in each run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const CALLS = ['a', 'b', 'c', 'd'];
const APPENDS = 30;

/** Reads through connections that break after a few events, until `isDone`. */
async function readInPieces(
  call: StreamActions,
  path: string,
  { random, key, isDone }: { random: () => number; key: string; isDone: (last: string) => boolean },
): Promise<{ id: string; what: string }[]> {
  const read: { id: string; what: string }[] = [];
  let lastEventId: string | null = null;
  for (;;) {
    const node = random() < 0.5 ? server : other;
    const stream = await call.open(path, lastEventId, { key, server: node });
    const most = 1 + Math.floor(random() * 8);
    await until(async () => stream.events.length >= most || stream.isOver || isDone(last(stream)));
    stream.close();
    const taken = stream.events.slice(0, most);
    for (const { id, event, data } of taken) {
      read.push({ id: id ?? '', what: `${data.ConversationId} ${data.EventId ?? event}` });
    }
    // A client knows the id of the last event that it has taken.
    lastEventId = taken.at(-1)?.id ?? (taken.length === 0 ? stream.parser.lastEventId : null);
    const isAll = stream.events.length <= most && (stream.isOver || isDone(last(stream)));
    if (isAll) return read;
  }
}

const last = (stream: { readonly told: string[] }) => stream.told.at(-1) ?? '';

const begin = (call: StreamActions) =>
  Promise.all(CALLS.map((id) => call.append(id, call.started(), call.joined('ann'))));

async function write(call: StreamActions, random: () => number): Promise<void> {
  await Promise.all(
    CALLS.map(async (id) => {
      for (let n = 0; n < APPENDS; n += 1) {
        const count = 1 + Math.floor(random() * 3);
        // Some arrive late, so sealing changes their order.
        const events = Array.from({ length: count }, () =>
          call.said(`${id} says something`, 'ann', Math.floor(random() * 20)),
        );
        await call.append(id, ...events);
      }
      await call.append(id, call.ended());
    }),
  );
}

test('streams with many resumes on two nodes have each event once, also across sealing', async () => {
  const random = randomNumbers(7);
  const call = new StreamActions(server, await server.newBusiness());
  const key = await server.newKey(call.businessId);
  const whole = await call.open(`/stream?Since=${call.at()}`, null, { key });
  await begin(call);
  const writing = write(call, random);
  const isDone = (what: string) => what === 'all is written';
  const reading = [1, 2, 3].map((seed) =>
    readInPieces(call, `/stream?Since=${call.at()}`, { random: randomNumbers(seed), key, isDone }),
  );
  const following = CALLS.map((id, seed) =>
    readInPieces(call, `/conversations/${id}/stream`, {
      random: randomNumbers(100 + seed),
      key,
      isDone: () => false,
    }),
  );
  await writing;
  await call.seal();
  await call.append('z', call.started(), call.said('all is written'));
  await whole.untilTold('all is written');
  const expected = whole.ids;
  for (const read of await Promise.all(reading)) {
    expect(read.map(({ id }) => id)).toEqual(expected);
  }
  for (const [at, read] of (await Promise.all(following)).entries()) {
    const ofCall = whole.events.filter(({ data }) => data.ConversationId === CALLS[at]);
    expect(read.slice(0, -1).map(({ id }) => id)).toEqual(ofCall.map(({ id }) => id));
    expect(read.at(-1)?.what).toMatch(/end$/);
  }
  call.closeAll();
});

test('masked streams with many resumes have each event once', async () => {
  const random = randomNumbers(11);
  const call = new StreamActions(server, await server.newBusiness());
  const { businessId } = call;
  await server.admin.putRedaction({ businessId, Categories: ['CARD'] });
  const key = await server.newKey(businessId, MASKED_READER);
  const since = call.at();
  const reading = [1, 2].map((seed) =>
    readInPieces(call, `/stream?Since=${since}`, {
      random: randomNumbers(seed),
      key,
      isDone: (what) => what === 'all is written',
    }),
  );
  const said: string[] = [];
  await Promise.all(
    CALLS.map(async (id) => {
      await call.append(id, call.started());
      for (let n = 0; n < APPENDS; n += 1) {
        const sender = random() < 0.5 ? 'ann' : 'bot';
        const event = call.said(random() < 0.4 ? 'It is 41' : 'Hm.', sender);
        said.push(`${id} ${event.EventId}`);
        await call.append(id, event);
      }
    }),
  );
  server.clock.advance(60);
  await call.append('z', call.started());
  // Everything that was held back is due now.
  await call.append('z', call.said('all is written'));
  for (const read of await Promise.all(reading)) {
    const messages = read.map(({ what }) => what).filter((what) => / m\d+$/.test(what));
    expect(messages.filter((what) => !what.startsWith('z')).sort()).toEqual(said.toSorted());
  }
  call.closeAll();
});
