import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@colloquy/sdk';
import pg from 'pg';
import { pino } from 'pino';
import { inject } from 'vitest';
import { type App, type Overrides, openApp } from '../../packages/server/src/app.ts';
import { type Config, readConfig } from '../../packages/server/src/config.ts';
import type { AnswerObserver } from '../../packages/server/src/http/observe-answers.ts';
import type { Clock } from '../../packages/server/src/kernel/clock.ts';
import { minuteJobs, namedJobs } from '../../packages/server/src/rooms.ts';
import { problemOf } from './answer-check.ts';
import { createDistributed, dropDistributed } from './citus.ts';
import { inDatabase, TEMPLATE } from './postgres.ts';
import { until } from './server-process.ts';
import { ADMIN_KEY, SECRET } from './server-secrets.ts';

/** A clock that moves only when a test advances it. */
export class FakeClock implements Clock {
  #now: number;

  constructor(start = Date.parse('2026-03-01T12:00:00Z')) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  advance(seconds: number): void {
    this.#now += seconds * 1000;
  }
}

export async function testDatabase(): Promise<{ connection: pg.ClientConfig } & AsyncDisposable> {
  const server = inject('postgres');
  const name = `test_${randomBytes(8).toString('hex')}`;
  if (inject('citusNodes') !== null) {
    await createDistributed(name);
    return {
      connection: inDatabase(server, name),
      [Symbol.asyncDispose]: () => dropDistributed(name),
    };
  }
  const admin = new pg.Pool({ ...server, max: 1 });
  await createFromTemplate(admin, name);
  return {
    connection: inDatabase(server, name),
    async [Symbol.asyncDispose]() {
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}

/** Its connections may end at any time: databases of tests are dropped while some still close. */
export function openPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config);
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** The view of the sessions on PostgreSQL or on all nodes of a cluster. */
export const sessionsOfNodes = () =>
  inject('citusNodes') === null ? 'pg_stat_activity' : 'citus_stat_activity';

/** Waits until `count` statements on the database wait for a lock. */
export function untilBlocked({ sql }: Pick<TestServer, 'sql'>, count = 1): Promise<void> {
  const blocked = `SELECT FROM ${sessionsOfNodes()}
    WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return until(async () => (await sql.query(blocked)).rowCount === count);
}

async function createFromTemplate(admin: pg.Pool, name: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      // The default strategy writes every block to the log, which takes four times as long.
      await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY file_copy`);
      return;
    } catch (error) {
      // Another file is cloning the template.
      if (!(error instanceof pg.DatabaseError) || error.code !== '55006' || attempt > 100)
        throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 50));
    }
  }
}

export { ADMIN_KEY, SECRET };

type Permissions = Parameters<Client['createApiKey']>[0]['Permissions'];

/** Permissions without `Conversations.Unredacted`, so conversations are masked. */
export const MASKED_READER = { 'Conversations.ConversationPermissions': ['Full' as const] };

export interface TestServer extends AsyncDisposable {
  readonly app: App;
  readonly clock: FakeClock;
  readonly url: string;
  readonly connection: pg.ClientConfig;
  readonly admin: Client;
  client(apiKey: string): Client;
  newBusiness(): Promise<number>;
  /** A new key of a new Owner of the business; with these permissions only, if given. */
  newKey(businessId: number, permissions?: Permissions): Promise<string>;
  newClient(businessId: number, permissions?: Permissions): Promise<Client>;
  /** Runs a job as a worker does, or throws if there is no such job. */
  runJob(name: string, payload?: object): Promise<void>;
  /** For data that the API does not show. */
  readonly sql: pg.Pool;
}

export interface TestServerOptions extends Partial<Config> {
  connection?: pg.ClientConfig;
  overrides?: Overrides;
}

/** For suites that run a second time with every body read in a thread. */
const maxInlineBodyBytes = process.env.TEST_MAX_INLINE_BODY_BYTES;
const BODIES: Overrides =
  maxInlineBodyBytes === undefined ? {} : { maxInlineBodyBytes: Number(maxInlineBodyBytes) };

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { connection: given, overrides, ...settings } = options;
  // Closes what was opened if a later step fails.
  await using closing = new AsyncDisposableStack();
  const database = given ? null : closing.use(await testDatabase());
  const connection = given ?? database?.connection ?? {};
  const dataDir = await mkdtemp(join(tmpdir(), 'colloquy-testServer-'));
  closing.defer(() => rm(dataDir, { recursive: true, force: true }));
  const clock = new FakeClock();
  const config: Config = {
    ...readConfig({
      BOOTSTRAP_API_KEY: ADMIN_KEY,
      SECRET,
      DEMO: '0',
      PORT: '0',
      PATH: process.env.PATH,
    }),
    dataDir,
    // A slow database is not an outage on a busy machine.
    databaseTimeoutSeconds: 60,
    // With low priority, threads get almost no time beside other tests.
    backgroundNice: 0,
    ...settings,
  };
  const problems: string[] = [];
  closing.defer(() => {
    if (problems.length > 0)
      throw new Error(`Answers that break the contract:\n${problems.join('\n')}`);
  });
  const onAnswer: AnswerObserver = (answer) => {
    const problem = problemOf(answer);
    if (problem === null) return;
    problems.push(problem);
    throw new Error(problem);
  };
  const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });
  const app = closing.use(
    await openApp(config, { connection, clock, log, onAnswer, ...BODIES, ...overrides }),
  );
  const sql = closing.adopt(openPool({ ...connection, max: 2 }), (pool) => pool.end());
  const methods = methodsOf(app, await app.listen(), sql);
  const opened = closing.move();
  return {
    ...{ app, clock, connection, sql, ...methods },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function methodsOf(app: App, url: string, sql: pg.Pool) {
  const client = (apiKey: string) => createClient({ baseUrl: url, apiKey, retries: 0 });
  const admin = client(ADMIN_KEY);
  const newKey = async (businessId: number, permissions?: Permissions) => {
    const Email = `${randomBytes(6).toString('hex')}@example.com`;
    const { UserId } = await admin.createUser({ Email, Name: 'Tester' });
    await sql.query(
      `INSERT INTO business_members (business_id, user_id, role) VALUES ($1, $2, 'Owner')`,
      [businessId, UserId],
    );
    const { Key } = await admin.createApiKey({
      ...{ UserId, Name: 'test', BusinessIds: [businessId] },
      ...(permissions !== undefined && { Permissions: permissions }),
    });
    return Key;
  };
  return {
    ...{ url, client, admin, newKey },
    newBusiness: async () => (await admin.createBusiness({ Name: 'Test' })).BusinessId,
    newClient: async (businessId: number, permissions?: Permissions) =>
      client(await newKey(businessId, permissions)),
    async runJob(name: string, payload: object = {}) {
      const job = { ...minuteJobs(app.ctx), ...namedJobs(app.ctx) }[name];
      if (!job) throw new Error(`there is no job ${name}`);
      await job(payload);
    },
  };
}
