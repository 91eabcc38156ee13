import { type Client, createClient } from '@colloquy/sdk';
import { type Forked, startForked } from './forked.ts';
import { median } from './measured.ts';
import { API_KEY, startServer } from './server-process.ts';
import type { BenchSetup } from './setup.ts';
import type { Result } from './table.ts';
import type { Received, ReceiverOrder } from './webhook-receiver.ts';

const AT_ONCE = 32;
const LATENCY_EVERY_MILLISECONDS = 20;

type Receiver = Forked<ReceiverOrder, Received>;

/** Webhooks: their rate, their delay, and many at once beside a dead receiver. */
export async function measureWebhooks(setup: BenchSetup): Promise<Result[]> {
  const { database, folder } = setup;
  await using server = await startServer({ databaseUrl: database.url, folder });
  const api = createClient({ baseUrl: server.url, apiKey: API_KEY });
  await using receiver = startForked<ReceiverOrder, Received>('./webhook-receiver.ts');
  const { port } = await receiver.ask({ kind: 'listen' });
  const target = (path: string) => `http://127.0.0.1:${port}${path}`;
  const run = { ...setup, api, receiver, target };
  return [...(await measureRate(run)), await measureDead(run)];
}

interface Run extends Pick<BenchSetup, 'options' | 'say'> {
  readonly api: Client;
  readonly receiver: Receiver;
  target(path: string): string;
}

const EVENTS = ['conversation.started', 'conversation.ended'] as const;

async function newBusiness({ api, target }: Run, name: string, paths: readonly string[]) {
  const { BusinessId: businessId } = await api.createBusiness({ Name: name });
  const webhookIds: string[] = [];
  for (const path of paths) {
    const created = await api.createWebhook({ businessId, Url: target(path), Events: [...EVENTS] });
    webhookIds.push(created.WebhookId);
  }
  return { businessId, webhookIds };
}

function callOf(api: Client, businessId: number) {
  const append = (sessionId: string, event: object) => {
    const Timestamp = new Date().toISOString();
    const Events = [{ Timestamp, ...event }] as never;
    return api.appendConversationEvents({ businessId, sessionId, Events });
  };
  return {
    begin: (id: string) =>
      append(id, { EventId: 'start', Type: 'SessionStarted', InitiationType: 'Web' }),
    end: (id: string) => append(id, { EventId: 'end', Type: 'SessionEnded', EndType: 'Normal' }),
  };
}

async function inParallel(ids: readonly string[], work: (id: string) => Promise<unknown>) {
  const next = ids.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const id of next) await work(id);
    }),
  );
}

async function measureRate(run: Run): Promise<Result[]> {
  const { options, receiver, say, api } = run;
  const { businessId, webhookIds } = await newBusiness(run, 'Webhooks', ['/fast']);
  const { begin, end } = callOf(api, businessId);
  const ids = Array.from({ length: options.quick ? 500 : 5_000 }, (_, n) => `call-${n}`);
  say(`webhooks: ${2 * ids.length} deliveries`);
  await inParallel(ids, async (id) => {
    await begin(id);
    await end(id);
  });
  const counts = { '/fast': 2 * ids.length };
  inTime(await receiver.ask({ kind: 'await', counts }), counts);
  // Again, without the work of the appends.
  const range = { From: '2020-01-01T00:00:00Z', To: '2099-01-01T00:00:00Z' };
  await api.replayWebhook({ businessId, webhookId: webhookIds[0] ?? '', ...range });
  const times = inTime(await receiver.ask({ kind: 'await', counts }), counts)
    .map(([, , at]) => at)
    .sort((a, b) => a - b);
  const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000;
  say('webhooks: from commit to receipt');
  const answeredAt = new Map<string, number>();
  const few = Array.from({ length: options.quick ? 50 : 500 }, (_, n) => `one-${n}`);
  for (const id of few) {
    await begin(id);
    answeredAt.set(id, Date.now());
    await new Promise((resolve) => setTimeout(resolve, LATENCY_EVERY_MILLISECONDS));
  }
  const one = { '/fast': few.length };
  const delays = inTime(await receiver.ask({ kind: 'await', counts: one }), one).map(
    ([id, , at]) => at - (answeredAt.get(id) ?? at),
  );
  return [
    {
      work: 'Webhooks to a receiver that answers immediately',
      comparedWith: '',
      measured: 'deliveries a second',
      ratio: times.length / seconds,
      limit: { atLeast: 500 },
      unit: '/s',
    },
    {
      work: '…',
      comparedWith: 'from the answer of the append to the receiver',
      measured: 'p50',
      ratio: Math.max(0, median(delays)),
      limit: { atMost: 50 },
      unit: 'ms',
    },
  ];
}

/** @throws if some are missing. */
function inTime({ messages }: Received, counts: Readonly<Record<string, number>>) {
  for (const [path, count] of Object.entries(counts)) {
    const received = messages[path]?.length ?? 0;
    if (received !== count) throw new Error(`${path} got ${received} of ${count} webhooks`);
  }
  return Object.values(messages).flat();
}

async function measureDead(run: Run): Promise<Result> {
  const { options, receiver, say, api } = run;
  const { businessId } = await newBusiness(run, 'Many webhooks', ['/one', '/two', '/dead']);
  const { begin, end } = callOf(api, businessId);
  const ids = Array.from({ length: options.quick ? 500 : 10_000 }, (_, n) => `call-${n}`);
  say(`webhooks: ${ids.length} concurrent conversations with three receivers, one dead`);
  const began = performance.now();
  await inParallel(ids, begin);
  await inParallel(ids, end);
  const counts = { '/one': 2 * ids.length, '/two': 2 * ids.length };
  const received = await receiver.ask({ kind: 'await', counts });
  inTime(received, counts);
  const seconds = (performance.now() - began) / 1000;
  const disordered = Object.values(received.messages).flatMap((messages) => {
    const begun = new Set<string>();
    return messages.filter(([id, type]) => {
      if (type === EVENTS[0]) begun.add(id);
      return type === EVENTS[1] && !begun.has(id);
    });
  });
  return {
    work: `${ids.length} concurrent conversations with three webhooks, one receiver dead`,
    comparedWith: `both others complete after ${seconds.toFixed(0)} s`,
    measured: 'messages out of order',
    ratio: disordered.length,
    limit: { atMost: 0 },
  };
}
