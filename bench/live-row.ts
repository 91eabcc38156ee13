import { startForked } from './forked.ts';
import { requestText } from './http-connection.ts';
import type { Heard, LiveOrder } from './live-load.ts';
import { startServer } from './server-process.ts';
import { AUTHORIZATION, type BenchSetup, type Business } from './setup.ts';
import type { Result } from './table.ts';
import { measureWebhooks } from './webhook-row.ts';

const CALLS = 200;
const STREAMS_PER_CALL = 5;
const BUSINESS_STREAMS = 20;
const EVENTS_PER_SECOND = 1_000;
const IDLE_STREAMS = 5_000;

/** Streams of live calls and webhooks: how soon they have an event, and what they cost. */
export async function measureLive(setup: BenchSetup): Promise<Result[]> {
  return [
    ...(await measureLatency(setup)),
    await measureIdle(setup),
    ...(await measureWebhooks(setup)),
  ];
}

const streamOf = ({ businessId }: Business, sessionId: string) => {
  const path = `/api/v1/business/${businessId}/conversations/${sessionId}/stream`;
  return requestText('GET', path, AUTHORIZATION);
};
const streamOfAll = ({ businessId }: Business) =>
  requestText('GET', `/api/v1/business/${businessId}/stream`, AUTHORIZATION);

async function startCalls(setup: BenchSetup, name: string, count: number) {
  const { BusinessId } = await setup.api.createBusiness({ Name: name });
  const ids = Array.from({ length: count }, (_, n) => `call-${n}`);
  for (const sessionId of ids) {
    const start = { EventId: 'start', Type: 'SessionStarted', InitiationType: 'Web' } as const;
    const Events = [{ ...start, Timestamp: new Date().toISOString() }];
    await setup.api.appendConversationEvents({ businessId: BusinessId, sessionId, Events });
  }
  return { business: { businessId: BusinessId, count }, ids };
}

async function measureLatency(setup: BenchSetup): Promise<Result[]> {
  const { options, server } = setup;
  const { port } = server;
  const { business, ids } = await startCalls(setup, 'Live', CALLS);
  await using load = startForked<LiveOrder, Heard | null>('./live-load.ts');
  const ofCalls = ids.flatMap((id) => Array<string>(STREAMS_PER_CALL).fill(streamOf(business, id)));
  const ofAll = Array<string>(BUSINESS_STREAMS).fill(streamOfAll(business));
  setup.say(`live: ${ofCalls.length} and ${ofAll.length} subscribers`);
  await load.ask({ kind: 'subscribe', port, requests: [...ofCalls, ...ofAll] });
  const base = `/api/v1/business/${business.businessId}/conversations`;
  const seconds = options.quick ? 5 : 30;
  const perEvent = STREAMS_PER_CALL + BUSINESS_STREAMS;
  const speech = {
    port,
    headers: AUTHORIZATION,
    paths: ids.map((id) => `${base}/${id}/events`),
    eventsPerSecond: EVENTS_PER_SECOND,
    seconds,
    receipts: EVENTS_PER_SECOND * seconds * perEvent,
  };
  setup.say(`live: ${EVENTS_PER_SECOND} events/s for ${seconds} s`);
  const heard = await load.ask({ kind: 'speak', speech });
  if (heard?.receipts !== speech.receipts) {
    throw new Error(`subscribers got ${heard?.receipts} of ${speech.receipts} events`);
  }
  const { p50, p99 } = heard.latency;
  const work = `${CALLS} live calls, ${EVENTS_PER_SECOND} events/s, ${ofCalls.length} subscribers of calls and ${BUSINESS_STREAMS} of the business`;
  const common = { comparedWith: 'from the answer of the append to the socket', unit: 'ms' };
  return [
    { work, ...common, measured: 'p50', ratio: p50, limit: { atMost: 10 } },
    { work: '…', ...common, measured: 'p99', ratio: p99, limit: { atMost: 50 } },
  ];
}

async function measureIdle(setup: BenchSetup): Promise<Result> {
  const { database, folder, options } = setup;
  const program = [new URL('./bench-server.ts', import.meta.url).pathname];
  const flags = ['--expose-gc'];
  await using server = await startServer({ databaseUrl: database.url, folder, program, flags });
  const { business, ids } = await startCalls(setup, 'Idle', 1);
  const streams = options.quick ? 500 : IDLE_STREAMS;
  const request = streamOf(business, ids[0] ?? '');
  await using load = startForked<LiveOrder, Heard | null>('./live-load.ts');
  const { port } = server;
  // The first streams load code and fill caches.
  await load.ask({ kind: 'subscribe', port, requests: Array<string>(100).fill(request) });
  const before = await memoryOf(server.url);
  setup.say(`live: ${streams} idle subscribers`);
  await load.ask({ kind: 'subscribe', port, requests: Array<string>(streams).fill(request) });
  const after = await memoryOf(server.url);
  return {
    work: `Memory of an idle subscriber, ${streams} concurrent`,
    comparedWith: '',
    measured: 'heap and buffers after a collection',
    ratio: (after - before) / streams / 1024,
    limit: { atMost: 30 },
    unit: 'KiB',
  };
}

async function memoryOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^bench_bytes_in_use (\S+)$/m.exec(text)?.[1]);
}
