import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@colloquy/sdk';
import { fillBareTables } from './bare-tables.ts';
import { type BenchDatabase, startDatabase } from './database.ts';
import { type Forked, startForked } from './forked.ts';
import { requestText } from './http-connection.ts';
import type { Load } from './load-generator.ts';
import { loadLongConversations } from './long-conversations.ts';
import { loadConversations, withoutIndexes } from './many-conversations.ts';
import type { Measured } from './measured.ts';
import type { Options, RowName } from './options.ts';
import { API_KEY, type ServerProcess, startServer } from './server-process.ts';

export interface BenchSetup extends AsyncDisposable {
  readonly options: Options;
  readonly folder: string;
  readonly database: BenchDatabase;
  readonly server: ServerProcess;
  readonly api: Client;
  /** The child process that generates the load for both sides of a comparison. */
  readonly generator: Forked<Load, Measured>;
  /** With conversations as configured, with 10,000, and with long ones. */
  readonly large: Business;
  readonly small: Business;
  readonly long: Business;
  say(text: string): void;
}

export interface Business {
  readonly businessId: number;
  readonly count: number;
}

/** Starts database and server, and loads conversations if a row needs them. */
export async function setUpBench(options: Options): Promise<BenchSetup> {
  const began = performance.now();
  const say = (text: string) =>
    console.error(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}`);
  const closing = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-bench-'));
    closing.defer(() => rm(folder, { recursive: true, force: true }));
    const database = closing.use(await startDatabase(folder));
    if (options.profile !== null) await mkdir(options.profile, { recursive: true });
    const profiling = ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
    const flags = options.profile === null ? [] : profiling;
    const server = closing.use(await startServer({ databaseUrl: database.url, folder, flags }));
    const api = createClient({ baseUrl: server.url, apiKey: API_KEY });
    const business = async (Name: string, count: number): Promise<Business> => {
      const { BusinessId } = await api.createBusiness({ Name });
      return { businessId: BusinessId, count };
    };
    const large = await business('Large', options.large);
    const small = await business('Small', 10_000);
    const long = await business('Long', options.quick ? 500 : 2_000);
    const generator = closing.use(startForked<Load, Measured>('./load-generator.ts'));
    const setup: BenchSetup = {
      options,
      folder,
      database,
      server,
      api,
      generator,
      large,
      small,
      long,
      say,
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    };
    // The rows of queues load separate data, and presigning needs none.
    if ([...options.only].some((row) => !WITHOUT_CONVERSATIONS.has(row))) await loadAll(setup);
    return setup;
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

const WITHOUT_CONVERSATIONS: ReadonlySet<RowName> = new Set([
  'enqueue',
  'lease',
  'lease-growth',
  'waiting',
  'presigning',
  'outage',
  'sign-in',
  'isolation',
  'live',
  'cluster',
  'citus',
]);

async function loadAll(setup: BenchSetup): Promise<void> {
  const { api, database, large, long, options, say, server, small } = setup;
  const { sql } = database;
  if (options.stale) {
    await sql.query('ALTER TABLE conversations SET (autovacuum_enabled = off)');
    await sql.query('ALTER TABLE conversation_counts SET (autovacuum_enabled = off)');
  }
  say(`loading ${large.count} and ${small.count} conversations`);
  const withIndexes = await withoutIndexes(sql, 'conversations');
  await loadConversations(sql, large.businessId, large.count);
  await loadConversations(sql, small.businessId, small.count);
  say('making the indexes');
  await withIndexes[Symbol.asyncDispose]();
  say(`writing ${long.count} conversations of 30 messages`);
  await loadLongConversations(api, sql, long.businessId, long.count);
  await fillBareTables(sql, small.businessId, server, long);
  if (!options.stale) {
    say('VACUUM (ANALYZE), as autovacuum does in time');
    await sql.query('VACUUM (ANALYZE)');
  }
  await sql.query('CHECKPOINT');
}

export const AUTHORIZATION = { Authorization: `Token ${API_KEY}` };

export function getConversation({ businessId }: Business, id: string): string {
  return requestText('GET', `/api/v1/business/${businessId}/conversations/${id}`, AUTHORIZATION);
}

export function getConversations({ businessId }: Business, body: object): string {
  const path = `/api/v1/business/${businessId}/conversations`;
  return requestText('POST', path, AUTHORIZATION, JSON.stringify(body));
}

/** An AppendConversationEvents request to the call `%call%`. */
export function appendEvents({ businessId }: Business, events: readonly unknown[]): string {
  const path = `/api/v1/business/${businessId}/conversations/%call%/events`;
  return requestText('POST', path, AUTHORIZATION, JSON.stringify({ Events: events }));
}
