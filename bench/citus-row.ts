import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@colloquy/sdk';
import pg from 'pg';
import { EVENT_GROUPS } from './append-row.ts';
import type { Load } from './load-generator.ts';
import { longId, putLongConversations } from './long-conversations.ts';
import { compareInRounds, medianOf, ratioOf } from './measured.ts';
import { API_KEY, SECRET, type ServerProcess, startServer } from './server-process.ts';
import {
  appendEvents,
  type BenchSetup,
  type Business,
  getConversation,
  getConversations,
} from './setup.ts';
import type { Result } from './table.ts';

const MAIN = new URL('../packages/server/src/main.ts', import.meta.url).pathname;
const CONNECTIONS = 16;
const CONVERSATIONS = 2_000;

interface Side {
  readonly server: ServerProcess;
  readonly business: Business;
}

/**
 * A database that is distributed compared with one on the coordinator alone, so both have the same
 * PostgreSQL. Empty if CITUS_DATABASE_URL names no coordinator.
 */
export async function measureCitus(setup: BenchSetup): Promise<Result[]> {
  const coordinator = process.env.CITUS_DATABASE_URL;
  if (coordinator === undefined) {
    setup.say('citus: left out, because CITUS_DATABASE_URL names no coordinator');
    return [];
  }
  await using closing = new AsyncDisposableStack();
  setup.say('citus: loading both databases');
  const ours = await openSide(setup, coordinator, { closing, isDistributed: true });
  const theirs = await openSide(setup, coordinator, { closing, isDistributed: false });
  const results: Result[] = [];
  for (const { work, source, limit } of works(setup)) {
    setup.say(`citus: ${work}`);
    const load = ({ server, business }: Side) =>
      setup.generator.ask({
        port: server.port,
        connections: CONNECTIONS,
        source: source(business),
        until: { milliseconds: setup.options.quick ? 1_000 : 4_000 },
      });
    const compared = await compareInRounds(
      setup.options.quick ? 3 : 7,
      () => load(ours),
      () => load(theirs),
    );
    const [here, there] = [compared.ours, compared.theirs].map((side) =>
      medianOf(side, 'perSecond').toFixed(0),
    );
    results.push({
      work: `On Citus: ${work}, ${CONNECTIONS} connections`,
      comparedWith: 'the same on the coordinator alone, without distributed tables',
      measured: `${here} : ${there} requests/s`,
      ratio: ratioOf(compared, 'perSecond'),
      limit: { atLeast: limit },
    });
  }
  return results;
}

function works({ options }: BenchSetup) {
  let round = 0;
  const ids = Array.from({ length: countOf(options.quick) }, (_, at) => longId(at + 1));
  const cycle = (requests: readonly string[]): Load['source'] => ({ kind: 'cycle', requests });
  return [
    {
      work: 'GetConversation',
      limit: 0.55,
      source: (business: Business) => cycle(ids.map((id) => getConversation(business, id))),
    },
    {
      work: 'GetConversations, 20 of 2000',
      limit: 0.55,
      source: (business: Business) => cycle([getConversations(business, { Limit: 20 })]),
    },
    {
      work: 'AppendConversationEvents, 10 events',
      limit: 0.4,
      source: (business: Business): Load['source'] => ({
        kind: 'calls',
        steps: EVENT_GROUPS.map((events) => appendEvents(business, events)),
        prefix: `append-${round++}`,
      }),
    },
  ];
}

const countOf = (isQuick: boolean) => (isQuick ? CONVERSATIONS / 10 : CONVERSATIONS);

async function openSide(
  { folder, options }: BenchSetup,
  coordinator: string,
  { closing, isDistributed }: { closing: AsyncDisposableStack; isDistributed: boolean },
): Promise<Side> {
  const name = isDistributed ? 'colloquy_bench_citus' : 'colloquy_bench_plain';
  const databaseUrl = await makeDatabase(coordinator, name, isDistributed);
  const own = join(folder, name);
  await mkdir(own);
  if (isDistributed) {
    await promisify(execFile)(process.execPath, [MAIN, 'distribute'], {
      env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, SECRET, DATA_DIR: own },
    });
  }
  const server = closing.use(await startServer({ databaseUrl, folder: own }));
  const api = createClient({ baseUrl: server.url, apiKey: API_KEY });
  const { BusinessId } = await api.createBusiness({ Name: name });
  const business = { businessId: BusinessId, count: countOf(options.quick) };
  await putLongConversations(api, BusinessId, business.count);
  await onNodes(databaseUrl, isDistributed, 'VACUUM (ANALYZE)');
  return { server, business };
}

/** A new database on the coordinator or on all nodes; returns its address. */
async function makeDatabase(coordinator: string, name: string, isDistributed: boolean) {
  await onNodes(coordinator, isDistributed, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await onNodes(coordinator, isDistributed, `CREATE DATABASE ${name}`);
  const url = new URL(coordinator);
  const nodes = await nodesOf(coordinator);
  url.pathname = `/${name}`;
  if (!isDistributed) return url.href;
  for (const node of nodes) await run(at(url.href, node), 'CREATE EXTENSION citus');
  const [first, ...workers] = nodes;
  await run(url.href, `SELECT citus_set_coordinator_host('${first?.host}', ${first?.port})`);
  for (const { host, port } of workers) {
    await run(url.href, `SELECT citus_add_node('${host}', ${port})`);
  }
  return url.href;
}

interface Node {
  readonly host: string;
  readonly port: number;
}

async function onNodes(url: string, isDistributed: boolean, text: string): Promise<void> {
  const nodes = isDistributed ? await nodesOf(url) : [];
  if (nodes.length === 0) await run(url, text);
  for (const node of nodes) await run(at(url, node), text);
}

const nodesOf = (url: string) =>
  run<Node>(
    url,
    'SELECT nodename AS host, nodeport AS port FROM pg_dist_node WHERE isactive ORDER BY groupid',
  );

function at(address: string, { host, port }: Node): string {
  const url = new URL(address);
  url.hostname = host;
  url.port = String(port);
  return url.href;
}

async function run<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}
