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
import { problemOf } from './answer-check.ts';
import { inDatabase, TEMPLATE } from './postgres.ts';
import { ADMIN_KEY, SECRET } from './server-secrets.ts';

/** A clock that stands still until it is moved. */
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

/** A fresh migrated database, dropped at the end. */
export async function testDatabase(): Promise<{ connection: pg.ClientConfig } & AsyncDisposable> {
  const server = inject('postgres');
  const name = `test_${randomBytes(8).toString('hex')}`;
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

async function createFromTemplate(admin: pg.Pool, name: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      // The default strategy writes every block to the log, which takes four times as long.
      await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY file_copy`);
      return;
    } catch (error) {
      // Another file clones the template in this moment.
      if (!(error instanceof pg.DatabaseError) || error.code !== '55006' || attempt > 100)
        throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 50));
    }
  }
}

export { ADMIN_KEY, SECRET };

export interface TestServer extends AsyncDisposable {
  readonly app: App;
  readonly clock: FakeClock;
  readonly url: string;
  readonly connection: pg.ClientConfig;
  /** The admin's client. */
  readonly admin: Client;
  /** A client with another key. */
  client(apiKey: string): Client;
  /** The id of a new business. */
  newBusiness(): Promise<number>;
  /** A new key of a new user who owns the business; with these permissions only, if given. */
  newKey(
    businessId: number,
    permissions?: Parameters<Client['createApiKey']>[0]['Permissions'],
  ): Promise<string>;
  /** Statements on the database, for what no API shows. */
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

/** A server on a database of its own, and clients for it. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { connection: given, overrides, ...settings } = options;
  // Ends what was opened if a later step fails.
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
    // A busy machine is no outage.
    databaseTimeoutSeconds: 60,
    // Beside other tests, threads of the lowest priority get almost no time.
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
  const url = await app.listen();
  const sql = new pg.Pool({ ...connection, max: 2 });
  sql.on('error', () => undefined);
  closing.defer(() => sql.end());
  const client = (apiKey: string) => createClient({ baseUrl: url, apiKey, retries: 0 });
  const admin = client(ADMIN_KEY);
  const opened = closing.move();
  return {
    app,
    clock,
    url,
    connection,
    admin,
    client,
    sql,
    async newBusiness() {
      return (await admin.createBusiness({ Name: 'Test' })).BusinessId;
    },
    async newKey(businessId, permissions) {
      const user = await admin.createUser({
        Email: `${randomBytes(6).toString('hex')}@example.com`,
        Name: 'Tester',
      });
      await sql.query(
        `INSERT INTO business_members (business_id, user_id, role) VALUES ($1, $2, 'Owner')`,
        [businessId, user.UserId],
      );
      const key = await admin.createApiKey({
        UserId: user.UserId,
        Name: 'test',
        BusinessIds: [businessId],
        ...(permissions !== undefined && { Permissions: permissions }),
      });
      return key.Key;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
