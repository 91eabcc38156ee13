import { eventFromWire } from '../packages/server/src/conversations/from-wire.ts';
import type { BareInsert } from './bare-insert.ts';
import { CALL_EVENTS } from './call-events.ts';
import { startForked } from './forked.ts';
import { compareInRounds, type Measured, medianOf, ratioOf } from './measured.ts';
import { startServer } from './server-process.ts';
import { appendEvents, type BenchSetup } from './setup.ts';
import type { Result } from './table.ts';

const CONVERSATIONS = 32;
const PER_REQUEST = 10;

/** The events of a call, in the requests that append them. */
export const EVENT_GROUPS = [0, 1, 2, 3].map((n) =>
  CALL_EVENTS.slice(n * PER_REQUEST, (n + 1) * PER_REQUEST),
);

/** Appends of whole calls compared with bare INSERTs of a row per event, and with and without counters. */
export async function measureAppend(setup: BenchSetup): Promise<Result[]> {
  const { database, options, server, small } = setup;
  const steps = EVENT_GROUPS.map((events) => appendEvents(small, events));
  const milliseconds = options.quick ? 1_000 : 4_000;
  let round = 0;
  const append = (port: number) =>
    setup.generator.ask({
      port,
      connections: CONVERSATIONS,
      source: { kind: 'calls', steps, prefix: `append-${round++}` },
      until: { milliseconds },
    });
  await using bare = startForked<BareInsert, Measured>('./bare-insert.ts');
  const insert = () =>
    bare.ask({
      connection: database.connection,
      connections: CONVERSATIONS,
      milliseconds,
      prefix: `insert-${round++}`,
      steps: EVENT_GROUPS.map((events) => ({
        eventIds: events.map(({ EventId }) => EventId),
        payloads: events.map((event) => JSON.stringify(eventFromWire(event))),
      })),
    });
  setup.say('append: beside bare INSERTs');
  const rounds = options.quick ? 3 : 7;
  const compared = await compareInRounds(rounds, () => append(server.port), insert);
  await checkCall(setup, 'append-0-0-0');

  setup.say('append: with and without counters');
  const counters = await compareCounting(setup, rounds, append);
  const eventsPerSecond = (side: readonly Measured[]) =>
    (medianOf(side, 'perSecond') * PER_REQUEST).toFixed(0);
  return [
    {
      work: 'AppendConversationEvents, 10 events a request, 32 concurrent calls of 40',
      comparedWith: 'bare multi-row INSERT of the events, a row each, 32 connections that commit',
      measured: `${eventsPerSecond(compared.ours)} : ${eventsPerSecond(compared.theirs)} events/s`,
      ratio: ratioOf(compared, 'perSecond'),
      limit: { atLeast: 0.5 },
    },
    {
      work: '… with the counters on',
      comparedWith: 'the same without counters',
      measured: `${eventsPerSecond(counters.ours)} : ${eventsPerSecond(counters.theirs)} events/s`,
      ratio: ratioOf(counters, 'perSecond'),
      limit: { atLeast: 0.85 },
    },
  ];
}

async function compareCounting(
  setup: BenchSetup,
  rounds: number,
  append: (port: number) => Promise<Measured>,
) {
  const program = new URL('./bench-server.ts', import.meta.url).pathname;
  const start = (...more: string[]) =>
    startServer({
      databaseUrl: setup.database.url,
      folder: setup.folder,
      program: [program, ...more],
    });
  await using counting = await start();
  await using without = await start('without-counters');
  return await compareInRounds(
    rounds,
    () => append(counting.port),
    () => append(without.port),
  );
}

/** @throws if a call differs from its events. */
async function checkCall({ api, small }: BenchSetup, sessionId: string): Promise<void> {
  const read = await api.getConversation({ businessId: small.businessId, sessionId });
  const said = CALL_EVENTS.flatMap((event) => (event.Type === 'MessageAdded' ? event.Content : []));
  const heard = read.Messages.map(({ Content }) => Content);
  if (read.Status !== 'Completed' || JSON.stringify(heard) !== JSON.stringify(said)) {
    throw new Error(`the appended call ${sessionId} was not read as it was written`);
  }
}
