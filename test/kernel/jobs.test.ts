import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConversationEvent } from '@colloquy/wire';
import { makeWorkerUtils } from 'graphile-worker';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { systemScope } from '../../packages/server/src/access/authorization/scope.ts';
import { JobOwners } from '../../packages/server/src/kernel/jobs/job-owners.ts';
import { JobPool } from '../../packages/server/src/kernel/jobs/job-pool.ts';
import { prepareJobs, startJobs } from '../../packages/server/src/kernel/jobs/jobs.ts';
import { receiveRecording } from '../../packages/server/src/recordings/storage/receive.ts';
import { minuteJobs } from '../../packages/server/src/rooms.ts';
import { until } from '../servers/server-process.ts';
import { openProxy } from '../servers/tcp-proxy.ts';
import {
  openPool,
  startTestServer,
  type TestServer,
  testDatabase,
} from '../servers/test-server.ts';

const HOUR = 3_600;
const log = pino({ level: 'silent' });

// On a cluster they visit every business, because a statement over all fails while a node is down.
test.skipIf(inject('citusNodes') !== null)(
  'the jobs of a minute run as many statements with many idle businesses as with few',
  async () => {
    await using server = await startTestServer();
    const count = async () => {
      let statements = 0;
      const counted = new Proxy(server.app.ctx.db, {
        get(db, name) {
          const value = Reflect.get(db, name, db);
          if (typeof value !== 'function') return value;
          if (name === 'rows' || name === 'row' || name === 'transaction') statements += 1;
          return value.bind(db);
        },
      });
      for (const job of Object.values(minuteJobs({ ...server.app.ctx, db: counted }))) await job();
      return statements;
    };
    await count();
    const before = await count();
    for (let n = 0; n < 10; n += 1) await server.newBusiness();
    expect(await count()).toBe(before);
  },
);

describe('minute jobs', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const at = (seconds = 0) => new Date(server.clock.now() + seconds * 1000).toISOString();
  const append = (businessId: number, sessionId: string, ...Events: ConversationEvent[]) =>
    server.admin.appendConversationEvents({ businessId, sessionId, Events });
  const read = (businessId: number, sessionId: string) =>
    server.admin.getConversation({ businessId, sessionId });
  const started = (): ConversationEvent => ({
    EventId: 'start',
    Type: 'SessionStarted',
    Timestamp: at(),
    InitiationType: 'Inbound',
  });
  const ended = (): ConversationEvent => ({
    EventId: 'end',
    Type: 'SessionEnded',
    Timestamp: at(),
    EndType: 'Normal',
  });
  const said = (EventId: string): ConversationEvent => ({
    EventId,
    Type: 'MessageAdded',
    Timestamp: at(),
    SenderId: 'c',
    Role: 'User',
    Content: EventId,
  });
  const liveRows = async (businessId: number) => {
    const text = 'SELECT FROM live_conversations WHERE business_id = $1';
    return (await server.sql.query(text, [businessId])).rowCount;
  };

  test('seal-ended seals conversations of all businesses 15 minutes after their end', async () => {
    const businesses = [await server.newBusiness(), await server.newBusiness()];
    for (const businessId of businesses) {
      await append(businessId, 'over', started(), said('m'), ended());
      await append(businessId, 'goes-on', started());
    }
    const [first = 0] = businesses;
    const before = await read(first, 'over');
    server.clock.advance(899);
    await server.runJob('seal-ended');
    expect(await liveRows(first)).toBe(2);
    await append(first, 'over', said('late'));
    server.clock.advance(1);
    await server.runJob('seal-ended');
    for (const businessId of businesses) {
      expect(await liveRows(businessId)).toBe(1);
      const again = append(businessId, 'over', said('too-late'));
      await expect(again).rejects.toMatchObject({ status: 409 });
      expect(await append(businessId, 'goes-on', said('still'))).toMatchObject({ Accepted: 1 });
    }
    const { Messages, ...rest } = await read(first, 'over');
    expect({ ...rest, Messages: before.Messages }).toEqual(before);
    expect(Messages.map(({ Content }) => Content)).toEqual(['m', 'late']);
    await server.runJob('seal-ended');
    expect(await read(first, 'over')).toEqual({ ...rest, Messages });
  });

  test('end-abandoned ends a conversation without events for 24 hours at its last event', async () => {
    const businessId = await server.newBusiness();
    await append(businessId, 'silent', started());
    server.clock.advance(HOUR);
    await append(businessId, 'silent', said('last-words'));
    const lastWords = at().replace('.000Z', 'Z');
    server.clock.advance(23 * HOUR);
    await append(businessId, 'talks', started());
    server.clock.advance(HOUR - 1);
    await server.runJob('end-abandoned');
    expect(await read(businessId, 'silent')).toMatchObject({ Status: 'Active', EndTime: null });
    server.clock.advance(1);
    await server.runJob('end-abandoned');
    const silent = await read(businessId, 'silent');
    expect(silent).toMatchObject({
      Status: 'Failed',
      EndType: 'MidSessionFailure',
      EndTime: lastWords,
      Logs: [{ Level: 'Warning' }],
    });
    expect(await read(businessId, 'talks')).toMatchObject({ Status: 'Active', Logs: [] });
    await server.runJob('end-abandoned');
    expect(await read(businessId, 'silent')).toEqual(silent);
    const failed = await server.admin.getConversations({
      businessId,
      Filter: { SessionStates: ['Failed'] },
    });
    expect(failed).toMatchObject({ TotalCount: 1, Items: [{ Id: 'silent' }] });
    server.clock.advance(HOUR);
    await server.runJob('seal-ended');
    expect(await liveRows(businessId)).toBe(1);
    expect(await read(businessId, 'silent')).toEqual(silent);
  });

  test('fold-counts rolls up deltas and leaves the counts unchanged', async () => {
    const businessId = await server.newBusiness();
    for (const id of ['a', 'b', 'c']) await append(businessId, id, started());
    await append(businessId, 'a', ended());
    // As a server killed before the rollup leaves them.
    const deltas = async () => {
      const text = 'SELECT FROM conversation_count_deltas WHERE business_id = $1';
      return (await server.sql.query(text, [businessId])).rowCount;
    };
    // The job leaves out a business whose deltas the server is rolling up.
    const foldAll = () =>
      until(async () => {
        await server.runJob('fold-counts');
        return (await deltas()) === 0;
      });
    await foldAll();
    await server.sql.query(
      `INSERT INTO conversation_count_deltas (business_id, hour, quarter, status, initiation_type,
         end_type, n)
       SELECT $1, date_trunc('hour', $2::timestamptz), 0, 'Active', 'Inbound', '', n
       FROM unnest(ARRAY[1, 1, -1, -1]) AS n`,
      [businessId, at()],
    );
    const count = async (status: string) =>
      (await server.admin.getConversations({ businessId, Filter: { SessionStates: [status] } }))
        .TotalCount;
    const counts = async () => [await count('Active'), await count('Completed')];
    expect(await counts()).toEqual([2, 1]);
    await foldAll();
    expect(await counts()).toEqual([2, 1]);
  });

  test('sweep-recordings removes files of unfinished uploads after 24 hours', async () => {
    const businessId = await server.newBusiness();
    const scope = systemScope(businessId);
    const folder = join(server.app.ctx.config.dataDir, 'recordings');
    const files = async () =>
      (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
        entry.isFile(),
      ).length;
    await append(businessId, 'call', started());
    const kept = new Uint8Array([1, 2, 3]);
    await server.admin.putRecording({
      businessId,
      sessionId: 'call',
      participantId: '_mixed',
      audio: kept,
      contentType: 'audio/ogg',
    });
    // As if the server was killed before the recording was claimed.
    const bytes = (async function* () {
      yield new Uint8Array([4, 5, 6]);
    })();
    await receiveRecording(server.app.ctx, scope, { contentType: 'audio/ogg', bytes }, 100);
    expect(await files()).toBe(2);
    server.clock.advance(23 * HOUR);
    await server.runJob('sweep-recordings');
    expect(await files()).toBe(2);
    server.clock.advance(2 * HOUR);
    await server.runJob('sweep-recordings');
    expect(await files()).toBe(1);
    const { Recordings = [] } = await read(businessId, 'call');
    const audio = await fetch(String(Recordings[0]?.AudioUrl));
    expect(new Uint8Array(await audio.arrayBuffer())).toEqual(kept);
  });
});

describe('the job worker', () => {
  const cases = async () => {
    const closing = new AsyncDisposableStack();
    const { connection } = closing.use(await testDatabase());
    const proxy = closing.use(await openProxy(connection));
    const { user = '', database = '' } = new pg.Client(connection);
    const through = { host: '127.0.0.1', port: proxy.port, user, database };
    const pool = openPool({ ...connection, max: 2 });
    closing.defer(() => pool.end());
    return { proxy, through, pool, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  };

  test('a worker takes over the jobs of a stopped worker, but not those of a running one', async () => {
    await using setting = await cases();
    await prepareJobs(setting.through, log);
    await using closing = new AsyncDisposableStack();
    const owner = new JobOwners(setting.through, log);
    closing.defer(() => owner.close());
    await owner.add('worker-there');
    const worker = await makeWorkerUtils({ pgPool: setting.pool });
    closing.defer(() => worker.release());
    for (const name of ['there', 'gone']) {
      await worker.addJob('note', { name }, { queueName: `queue-${name}` });
    }
    for (const [table, name] of [
      ['_private_jobs', "(payload ->> 'name')"],
      ['_private_job_queues', 'substr(queue_name, 7)'],
    ]) {
      await setting.pool.query(
        `UPDATE graphile_worker.${table} SET locked_at = now() - interval '10 seconds',
           locked_by = 'worker-' || ${name}`,
      );
    }
    const ran: unknown[] = [];
    const note = async (payload: unknown) => void ran.push(payload);
    const running = await startJobs(setting.through, log, { named: { note } });
    closing.defer(() => running.stop());
    await until(() => ran.length > 0);
    expect(ran).toEqual([{ name: 'gone' }]);
  });

  test('a long job runs once although its worker looks for orphaned jobs while it runs', async () => {
    await using setting = await cases();
    await prepareJobs(setting.through, log);
    await using closing = new AsyncDisposableStack();
    const lasting = Promise.withResolvers<void>();
    let runs = 0;
    const last = async () => {
      runs += 1;
      await lasting.promise;
    };
    const running = await startJobs(setting.through, log, { named: { last } });
    closing.defer(() => running.stop());
    closing.defer(() => lasting.resolve());
    const worker = await makeWorkerUtils({ pgPool: setting.pool });
    closing.defer(() => worker.release());
    await worker.addJob('last', {}, { queueName: 'one' });
    await until(() => runs === 1);
    // Three look-ups, of which at least two consider jobs that are older than two seconds.
    const looks = new Set<string>();
    const look = `SELECT query_start::text AS at FROM pg_stat_activity
      WHERE datname = current_database() AND query LIKE 'WITH owners%'
        AND application_name = 'colloquy-job-owners'`;
    await until(async () => {
      const { rows } = await setting.pool.query<{ at: string }>(look);
      for (const { at } of rows) looks.add(at);
      return looks.size > 3;
    });
    const { rows } = await setting.pool.query(
      'SELECT locked_by IS NOT NULL AS locked FROM graphile_worker._private_jobs',
    );
    expect({ runs, rows }).toEqual({ runs: 1, rows: [{ locked: true }] });
  });

  test('each job is registered for every minute, and jobs run when they are due', async () => {
    await using setting = await cases();
    const ran: string[] = [];
    const jobs = {
      'say-hello': async () => {
        ran.push('hello');
      },
      'fail-always': async () => {
        ran.push('failure');
        throw new Error('as it must');
      },
    };
    const running = await startJobs(setting.through, log, { minute: jobs });
    const known = 'SELECT identifier FROM graphile_worker._private_known_crontabs ORDER BY 1';
    await until(async () => (await setting.pool.query(known)).rowCount === 2);
    const { rows } = await setting.pool.query(known);
    expect(rows.map(({ identifier }) => identifier)).toEqual(['fail-always', 'say-hello']);
    const worker = await makeWorkerUtils({ pgPool: setting.pool });
    const options = { maxAttempts: 1, jobKey: 'fail-always' } as const;
    await worker.addJob('fail-always', {}, options);
    await until(() => ran.includes('failure'));
    await until(async () => {
      await worker.addJob('fail-always', {}, options);
      return ran.length > 1;
    });
    await worker.addJob('say-hello', {});
    await until(() => ran.includes('hello'));
    await running.stop();
    await worker.release();
  });

  test('a job of a queue begins as soon as the previous one ends', async () => {
    await using setting = await cases();
    await prepareJobs(setting.through, log);
    const worker = await makeWorkerUtils({ pgPool: setting.pool });
    const numbers = Array.from({ length: 20 }, (_, number) => number);
    const done: unknown[] = [];
    const count = async (payload: unknown) => void done.push(payload);
    const running = await startJobs(setting.through, log, { named: { count } });
    for (const number of numbers) await worker.addJob('count', number, { queueName: 'one-by-one' });
    // If each job waited for the poll of a worker, every two seconds, it would take ten.
    await until(() => done.length === numbers.length);
    expect(done).toEqual(numbers);
    await running.stop();
    await worker.release();
  });

  test('a worker continues after the database was unreachable at the end of a job', async () => {
    await using setting = await cases();
    const ran = new Set<string>();
    // Named jobs only: a job of every minute could disconnect the database at any time.
    const cutOff = (name: string) => async () => {
      if (ran.has(name)) return;
      ran.add(name);
      // The database is unreachable when the worker records the outcome.
      setting.proxy.refuse();
      if (name.startsWith('fail')) throw new Error('as it must');
    };
    const last = async () => void ran.add('last');
    const named = { succeed: cutOff('succeed'), fail: cutOff('fail'), last };
    const running = await startJobs(setting.through, log, { named });
    const worker = await makeWorkerUtils({ pgPool: setting.pool });
    for (const name of ['succeed', 'fail', 'last']) {
      await worker.addJob(name, {});
      await until(() => ran.has(name));
      setting.proxy.forward('all');
    }
    await running.stop();
    await worker.release();
  });

  test('a job runs although the connection was lost while the worker took it', async () => {
    await using setting = await cases();
    await prepareJobs(setting.through, log);
    const worker = await makeWorkerUtils({ pgPool: setting.pool });
    let runs = 0;
    const note = async () => {
      runs += 1;
    };
    const running = await startJobs(setting.through, log, { named: { note } });
    await using closing = new AsyncDisposableStack();
    closing.defer(() => running.stop());
    closing.defer(() => worker.release());
    const client = await setting.pool.connect();
    closing.defer(() => client.release());
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database()
      AND application_name = 'colloquy-jobs' AND wait_event_type = 'Lock'`;
    await client.query('BEGIN');
    await client.query('LOCK TABLE graphile_worker._private_jobs');
    await until(async () => (await client.query(waiting)).rowCount !== 0);
    // PostgreSQL continues with the statement of a connection that is gone.
    setting.proxy.refuse();
    await client.query(
      "SELECT graphile_worker.add_job('note', queue_name => 'one', max_attempts => 3)",
    );
    await client.query('COMMIT');
    const taken = 'SELECT FROM graphile_worker._private_jobs WHERE locked_by IS NOT NULL';
    await until(async () => (await client.query(taken)).rowCount === 1);
    setting.proxy.forward('all');
    await until(() => runs > 0);
    await worker.addJob('note', {}, { queueName: 'one' });
    await until(() => runs === 2);
  });

  test('a worker stops although the database does not answer', async () => {
    await using setting = await cases();
    const running = await startJobs(setting.through, log, {
      minute: { 'do-nothing': async () => undefined },
    });
    setting.proxy.silence();
    await running.stop();
  });
});

test('a connection that is returned twice, as the worker does when a stop meets an error, ends no process', async () => {
  await using database = await testDatabase();
  const pool = new JobPool({ ...database.connection, max: 1 });
  // It may still close when the database is dropped.
  pool.on('error', () => undefined);
  try {
    const { promise, resolve } = Promise.withResolvers<() => void>();
    pool.connect((_error, _client, release) => resolve(release));
    const release = await promise;
    release();
    expect(release).not.toThrow();
    expect((await pool.query<{ one: number }>('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await pool.end();
  }
});
