import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_GROUPS } from './append-row.ts';
import { startForked } from './forked.ts';
import type { Source } from './load-generator.ts';
import { longId, putLongConversations } from './long-conversations.ts';
import { median, WARM_UP_ROUNDS } from './measured.ts';
import { processorTime, processorTimeOfPostgres } from './processor-time.ts';
import type { Targets } from './round-robin.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import {
  appendEvents,
  type BenchSetup,
  type Business,
  getConversation,
  getConversations,
} from './setup.ts';
import type { Result } from './table.ts';

const SERVERS = 3;
/** Per server. */
const CONNECTIONS = 16;
/** Per server: requests that come together share statements, so each server gets as many. */
const REQUESTS_A_SECOND = 500;
const CONVERSATIONS = 200;
const BUSINESSES = 10;
const MANY_BUSINESSES = 10_000;
const MOST_MILLISECONDS = 60_000;
/** Background jobs run once a minute. */
const IDLE_SECONDS = 60;

interface Cluster {
  readonly setup: BenchSetup;
  readonly servers: readonly ServerProcess[];
  readonly businesses: readonly Business[];
  /** Leads to the first of the servers; returns the port of the proxy. */
  leadTo(by: Targets['by'], count: number): Promise<number>;
}

/**
 * The processor time of a request with one, two and three servers behind a round-robin proxy, and
 * with few and many businesses. It is the time of servers and PostgreSQL above that of idle ones,
 * because one machine shows no gain in requests per second.
 */
export async function measureCluster(setup: BenchSetup): Promise<Result[]> {
  await using closing = new AsyncDisposableStack();
  const cluster = await openCluster(setup, closing);
  setup.say('cluster: idle servers');
  const idle = await idleTime(cluster);
  return [
    ...(await measureServers(cluster, 'connection', idle)),
    ...(await measureServers(cluster, 'request', idle)),
    ...(await measureBusinesses(cluster, idle)),
  ];
}

async function openCluster(setup: BenchSetup, closing: AsyncDisposableStack): Promise<Cluster> {
  setup.say(`cluster: starting ${SERVERS} servers`);
  const servers: ServerProcess[] = [];
  for (let at = 0; at < SERVERS; at += 1) {
    const folder = join(setup.folder, `cluster-${at}`);
    await mkdir(folder);
    servers.push(closing.use(await startServer({ databaseUrl: setup.database.url, folder })));
  }
  const businesses: Business[] = [];
  for (let n = 0; n < BUSINESSES; n += 1) {
    const { BusinessId } = await setup.api.createBusiness({ Name: `Cluster ${n}` });
    await putLongConversations(setup.api, BusinessId, CONVERSATIONS);
    businesses.push({ businessId: BusinessId, count: CONVERSATIONS });
  }
  await setup.database.sql.query('VACUUM (ANALYZE)');
  const proxy = closing.use(startForked<Targets, number>('./round-robin.ts'));
  const leadTo = (by: Targets['by'], count: number) =>
    proxy.ask({ by, ports: servers.slice(0, count).map((server) => server.port) });
  return { setup, servers, businesses, leadTo };
}

async function measureServers(
  cluster: Cluster,
  by: Targets['by'],
  idle: number,
): Promise<Result[]> {
  const { setup } = cluster;
  const counts = Array.from({ length: SERVERS }, (_, at) => at + 1);
  const times = counts.map((): number[] => []);
  setup.say(`cluster: one, two and three servers, by ${by}`);
  const all = await cluster.leadTo(by, SERVERS);
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    await timeOfRequest(cluster, all, SERVERS, idle);
  }
  for (let round = 0; round < roundsOf(setup); round += 1) {
    // In both directions, because servers get faster as they run.
    for (const count of round % 2 === 0 ? counts : counts.toReversed()) {
      const time = await timeOfRequest(cluster, await cluster.leadTo(by, count), count, idle);
      times[count - 1]?.push(time);
    }
  }
  const [one = [], ...more] = times;
  return more.map((several, at) => ({
    work: `Processor time of a request, ${at + 2} servers in turn for each ${by}`,
    comparedWith: 'the same with one server',
    measured: `${microseconds(several)} : ${microseconds(one)} µs of servers and PostgreSQL`,
    ratio: median(several.map((time, round) => time / (one[round] ?? Number.NaN))),
    limit: { atMost: 1.1 },
  }));
}

const roundsOf = ({ options }: BenchSetup) => (options.quick ? 2 : 6);

async function measureBusinesses(cluster: Cluster, idleOfFew: number): Promise<Result[]> {
  const { setup, servers } = cluster;
  const port = await cluster.leadTo('connection', SERVERS);
  const measure = async (idle: number) => {
    const times: number[] = [];
    for (let round = 0; round < roundsOf(setup); round += 1) {
      times.push(await timeOfRequest(cluster, port, SERVERS, idle));
    }
    return times;
  };
  setup.say(`cluster: ${BUSINESSES} businesses`);
  const few = await measure(idleOfFew);
  const count = setup.options.quick ? MANY_BUSINESSES / 10 : MANY_BUSINESSES;
  setup.say(`cluster: adding ${count} businesses`);
  for (let n = 0; n < count; n += CONNECTIONS) {
    const names = Array.from({ length: CONNECTIONS }, (_, at) => `Tenant ${n + at}`);
    await Promise.all(names.map((Name) => setup.api.createBusiness({ Name })));
  }
  await setup.database.sql.query('VACUUM (ANALYZE)');
  const idle = await idleTime(cluster);
  const many = await measure(idle);
  return [
    {
      work: `Processor time of a request, ${count} businesses`,
      comparedWith: `the same with ${BUSINESSES}`,
      measured: `${microseconds(many)} : ${microseconds(few)} µs of servers and PostgreSQL`,
      ratio: median(many) / median(few),
      limit: { atMost: 1.1 },
    },
    {
      work: `Processor time of ${servers.length + 1} idle servers and PostgreSQL, ${count} businesses`,
      comparedWith: `with ${BUSINESSES}: ${idleOfFew.toFixed(1)} ms a second`,
      measured: 'ms a second',
      ratio: idle,
      limit: { atMost: 100 },
      unit: 'ms',
    },
  ];
}

/** In milliseconds a second, of all servers and PostgreSQL. */
async function idleTime(cluster: Cluster): Promise<number> {
  await untilChained(cluster);
  const before = await processorTimes(cluster);
  await sleep(IDLE_SECONDS * 1000);
  return ((await processorTimes(cluster)) - before) / IDLE_SECONDS;
}

/** Waits until the audit events of new businesses and requests are in the audit log. */
async function untilChained({ setup }: Cluster): Promise<void> {
  const pending = 'SELECT EXISTS (SELECT FROM audit_pending) AS "isPending"';
  const { sql } = setup.database;
  while ((await sql.query<{ isPending: boolean }>(pending)).rows[0]?.isPending) await sleep(100);
}

const microseconds = (times: readonly number[]) => (median(times) * 1000).toFixed(0);

/** Of servers and PostgreSQL, in milliseconds, without `idle`, which they use in each second anyway. */
async function timeOfRequest(
  cluster: Cluster,
  port: number,
  servers: number,
  idle: number,
): Promise<number> {
  const { setup, businesses } = cluster;
  const connections = CONNECTIONS * servers;
  const requests = (setup.options.quick ? 400 : 1_000) * servers;
  const begin = performance.now();
  const before = await processorTimes(cluster);
  let sent = 0;
  for (const source of sourcesOf(businesses)) {
    const load = {
      port,
      connections,
      source,
      everyMilliseconds: (1000 * CONNECTIONS) / REQUESTS_A_SECOND,
      until: { milliseconds: MOST_MILLISECONDS, requests },
    };
    sent += (await setup.generator.ask(load)).requests;
  }
  const background = (idle * (performance.now() - begin)) / 1000;
  return ((await processorTimes(cluster)) - before - background) / sent;
}

async function processorTimes({ setup, servers }: Cluster): Promise<number> {
  const backend = 'SELECT pg_backend_pid() AS pid';
  const { rows } = await setup.database.sql.query<{ pid: number }>(backend);
  const pids = [setup.server, ...servers].map(({ pid }) => processorTime(pid));
  const times = await Promise.all([...pids, processorTimeOfPostgres(rows[0]?.pid ?? 0)]);
  return times.reduce((sum, time) => sum + time, 0);
}

let loads = 0;

function sourcesOf(businesses: readonly Business[]): Source[] {
  const ids = Array.from({ length: CONVERSATIONS }, (_, at) => longId(at + 1));
  const gets = ids.flatMap((id) => businesses.map((business) => getConversation(business, id)));
  const lists = businesses.map((business) => getConversations(business, { Limit: 20 }));
  const [business] = businesses;
  if (!business) throw new Error('there is no business');
  const steps = EVENT_GROUPS.map((events) => appendEvents(business, events));
  loads += 1;
  return [
    { kind: 'cycle', requests: gets },
    { kind: 'cycle', requests: lists },
    { kind: 'calls', steps, prefix: `cluster-${loads}` },
  ];
}
