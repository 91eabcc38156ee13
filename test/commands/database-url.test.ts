import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDatabase } from '../../packages/server/src/kernel/postgres/database-check.ts';
import { StartError } from '../../packages/server/src/kernel/start-error.ts';
import { speakVersion } from '../servers/old-postgres.ts';
import { refusedStart, startServer, until } from '../servers/server-process.ts';
import { openProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { testDatabase } from '../servers/test-server.ts';

const SENTENCE = /^Colloquy can't start: [^\n]+\.$/;

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

test('the server refuses to start with DATABASE_URL and without SECRET', async () => {
  const DATABASE_URL = `postgres://colloquy@127.0.0.1:${await closedPort()}/colloquy`;
  const { code, stderr, printed } = await refusedStart({ DATABASE_URL, SECRET: '' });
  expect(stderr).toMatch(SENTENCE);
  expect(stderr).toContain('SECRET');
  expect([code, printed]).toEqual([1, []]);
});

test.each(['127.0.0.1', 'localhost'])(
  'the server refuses to start if no database listens on %s, and hides the password',
  async (host) => {
    const DATABASE_URL = `postgres://colloquy:hidden@${host}:${await closedPort()}/colloquy`;
    const { code, stderr, printed } = await refusedStart({ DATABASE_URL });
    expect(stderr).toMatch(SENTENCE);
    expect(stderr).toContain('ECONNREFUSED');
    expect(stderr).not.toContain('hidden');
    expect([code, printed]).toEqual([1, []]);
  },
);

test('the server refuses to start if the database does not exist or does not answer', async () => {
  await using database = await testDatabase();
  await using proxy = await openProxy(database.connection);
  const url = new URL(urlThrough(proxy.port, database.connection));
  url.pathname = '/nowhere';
  const unknown = checkDatabase({ connectionString: url.toString() });
  await expect(unknown).rejects.toThrow(/cannot be reached \(database "nowhere" does not exist\)/);
  await expect(unknown).rejects.toBeInstanceOf(StartError);
  proxy.silence();
  const DATABASE_URL = urlThrough(proxy.port, database.connection);
  const { code, stderr } = await refusedStart({ DATABASE_URL });
  expect(stderr).toMatch(SENTENCE);
  expect([code, stderr]).toEqual([1, expect.stringContaining('timeout')]);
});

describe('the version of PostgreSQL', () => {
  test.each(['14.13 (Debian 14.13-1.pgdg120+1)', '9.6.24'])(
    'the server refuses to start on PostgreSQL %s',
    async (version) => {
      const server = createServer((socket) => speakVersion(socket, version)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const DATABASE_URL = `postgres://colloquy@127.0.0.1:${port}/colloquy`;
      const { code, stderr, printed } = await refusedStart({ DATABASE_URL });
      server.close();
      expect(stderr).toBe(
        `Colloquy can't start: The database is PostgreSQL ${version}; Colloquy needs 15 or newer.`,
      );
      expect([code, printed]).toEqual([1, []]);
    },
  );
});

const PGBOUNCER = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find((path) => {
  try {
    execFileSync(path, ['--version']);
    return true;
  } catch {
    return false;
  }
});
if (PGBOUNCER === undefined) console.log('Skipped: poolers (there is no pgbouncer here).');

describe.skipIf(PGBOUNCER === undefined)('a pgbouncer', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  /** Starts a pgbouncer in front of the database; `url` leads through it. */
  async function startBouncer(mode: string, more: readonly string[] = []) {
    const closing = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'colloquy-bouncer-'));
    closing.defer(() => rm(folder, { recursive: true, force: true }));
    // The socket of the embedded PostgreSQL accepts only its owner, which pgbouncer is not.
    const proxy = closing.use(await openProxy(database.connection));
    const listen = await closedPort();
    const { user = '', database: name } = new pg.Client(database.connection);
    const userlist = join(folder, 'users.txt');
    await writeFile(userlist, `"${user}" ""\n`);
    const settings = join(folder, 'pgbouncer.ini');
    await writeFile(
      settings,
      [
        '[databases]',
        `${name} = host=127.0.0.1 port=${proxy.port} dbname=${name}`,
        '[pgbouncer]',
        'listen_addr = 127.0.0.1',
        `listen_port = ${listen}`,
        'unix_socket_dir =',
        `pool_mode = ${mode}`,
        'auth_type = trust',
        `auth_file = ${userlist}`,
        'default_pool_size = 40',
        'max_client_conn = 200',
        ...more,
      ].join('\n'),
    );
    // pgbouncer refuses to run as root.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    if (nobody.uid !== undefined) await chown(folder, nobody.uid, nobody.gid);
    await chmod(folder, 0o755);
    const child = spawn(PGBOUNCER ?? '', [settings], { ...nobody, stdio: 'ignore' });
    const exited = once(child, 'exit');
    closing.defer(async () => {
      child.kill('SIGKILL');
      await exited;
    });
    const url = urlThrough(listen, database.connection);
    await until(async () => {
      const client = new pg.Client(url);
      client.on('error', () => undefined);
      const isThere = await client.connect().then(
        () => true,
        () => false,
      );
      await client.end();
      return isThere;
    });
    return { url, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  }

  test.each([
    ['transaction', []],
    ['transaction', ['server_round_robin = 1', 'min_pool_size = 2']],
    ['statement', []],
  ])('the server refuses to start behind pgbouncer in %s mode %j', async (mode, more) => {
    await using bouncer = await startBouncer(mode, more);
    const { code, stderr, printed } = await refusedStart({ DATABASE_URL: bouncer.url });
    expect(stderr).toMatch(SENTENCE);
    expect(stderr).toContain('a pooler in transaction or statement mode');
    expect([code, printed]).toEqual([1, []]);
  });

  test('the server works behind pgbouncer in session mode', async () => {
    await using bouncer = await startBouncer('session');
    await using server = await startServer({ DATABASE_URL: bouncer.url });
    const { BusinessId } = await server.admin.createBusiness({ Name: 'Behind a pooler' });
    const { Items } = await server.admin.listBusinesses({});
    expect(Items.map((item) => item.BusinessId)).toEqual([BusinessId]);
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
