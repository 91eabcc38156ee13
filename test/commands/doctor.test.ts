import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbeddedPostgres } from '@colloquy/embedded-postgres';
import type pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkClock } from '../../packages/server/src/commands/doctor/check-clock.ts';
import { diagnose, type Report } from '../fixtures/diagnose.ts';
import { speakVersion } from '../servers/old-postgres.ts';
import { migrateDatabase, run, TEST_SETTINGS } from '../servers/postgres.ts';
import { ROOT } from '../servers/server-process.ts';
import { openProxy, type TcpProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { SECRET, startTestServer, type TestServer, testDatabase } from '../servers/test-server.ts';

const execute = promisify(execFile);

let folder: string;
let cleanups: AsyncDisposableStack;
beforeEach(async () => {
  cleanups = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'colloquy-doctor-'));
  cleanups.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
});
afterEach(() => cleanups.disposeAsync());

const report = (settings: NodeJS.ProcessEnv = {}) => diagnose({ DATA_DIR: folder, ...settings });

/** An HTTP server at a free port, with its URL. */
async function answerAt(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.defer(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const expectFailure = ({ code, found }: Report, check: string, message: RegExp, fix: RegExp) => {
  const failures = found(check, 'failed');
  expect(failures.map(({ Message }) => Message).join('\n')).toMatch(message);
  expect(failures.map(({ Fix }) => Fix).join('\n')).toMatch(fix);
  expect(code).toBe(1);
};

describe('doctor checks the settings', () => {
  test('doctor names every invalid setting, and shows no secret', async () => {
    const settings = { PORT: '99999', LOG_LEVEL: 'loud', SECRET: 'hunter2', S3_REGION: 'eu' };
    const { code, found, text } = await report({ ...settings, DATABASE_URL: 'mysql://u:pw@db/c' });
    expect(code).toBe(1);
    const messages = found('settings', 'failed').map(({ Message }) => Message);
    for (const name of ['PORT', 'LOG_LEVEL', 'SECRET', 'DATABASE_URL', 'S3_REGION']) {
      expect(messages.filter((message) => message.startsWith(name))).toHaveLength(1);
    }
    expect(text).not.toMatch(/hunter2|u:pw/);
    expect(found('others', 'warning')).toHaveLength(1);
  });

  test('doctor warns of unknown settings with a close name or a known prefix', async () => {
    const unknown = { DATBASE_URL: 'secret-1', s3_bucket: 'x', OIDC_SECRET: 'secret-2' };
    const { code, found, text } = await report({ ...unknown, HOME: '/root', EDITOR: 'vi' });
    expect(code).toBe(0);
    const warnings = found('settings', 'warning');
    expect(warnings.map(({ Message }) => Message.split(' ')[0])).toEqual(Object.keys(unknown));
    expect(warnings.map(({ Fix }) => Fix)).toEqual([
      expect.stringContaining('DATABASE_URL'),
      expect.stringContaining('S3_BUCKET'),
      expect.stringContaining('OIDC_'),
    ]);
    expect(text).not.toMatch(/secret-\d/);
  });
});

describe('doctor checks folders', () => {
  test('doctor accepts a folder that does not exist yet, and does not create it', async () => {
    const dataDir = join(folder, 'a/b');
    const { code, found } = await report({ DATA_DIR: dataDir });
    expect(code).toBe(0);
    expect(found('DATA_DIR', 'ok')[0]?.Message).toContain('will be created');
    await expect(execute('ls', [dataDir])).rejects.toThrow();
  });

  test('doctor skips DATA_DIR if database, secret and bucket leave it unused', async () => {
    const DATA_DIR = join(folder, 'file');
    await writeFile(DATA_DIR, '');
    const DATABASE_URL = 'postgres://u@127.0.0.1:1/d';
    const bucket = { S3_BUCKET: 'calls', S3_ENDPOINT: 'http://127.0.0.1:1' };
    const unused = await report({ DATA_DIR, DATABASE_URL, SECRET, ...bucket });
    expect(unused.all.map(({ Check }) => Check)).not.toContain('DATA_DIR');
    const used = await report({ DATA_DIR, DATABASE_URL, SECRET });
    expect(used.found('DATA_DIR', 'failed')).toHaveLength(1);
  });

  test('doctor refuses a file as DATA_DIR or LEDGER_DIR', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const data = await report({ DATA_DIR: file });
    expectFailure(data, 'DATA_DIR', /is not a folder/, /DATA_DIR/);
    const ledger = await report({ LEDGER_DIR: join(file, 'ledger') });
    expectFailure(ledger, 'LEDGER_DIR', /cannot be read/, /LEDGER_DIR/);
  });

  test('doctor refuses a folder that its user may not write, and exits with 1', async () => {
    const dataDir = join(folder, 'data');
    await mkdir(dataDir);
    await chmod(folder, 0o755);
    await chmod(dataDir, 0o500);
    // Root may write everywhere.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const args = ['packages/server/src/main.ts', 'doctor'];
    const failure = await execute(process.execPath, args, {
      ...user,
      cwd: ROOT,
      env: { DATA_DIR: dataDir },
    }).catch((error: { code: number; stdout: string }) => error);
    expect(failure).toMatchObject({ code: 1 });
    expect(failure.stdout).toMatch(/failed +DATA_DIR .*not writable.*\n +fix: Make it writable/);
  });

  test('doctor warns of a disk with little free space', async (context) => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    const options = ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk];
    const isMounted = await execute('mount', options).then(
      () => true,
      () => false,
    );
    if (!isMounted) return context.skip('only root may mount a small disk');
    cleanups.defer(async () => void (await execute('umount', ['-l', disk])));
    expectFailure(await report({ DATA_DIR: disk }), 'DATA_DIR', /only \d MiB/, /Free space/);
  });
});

describe('doctor checks the database', () => {
  let own: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
  let ownFolder: string;
  let proxy: TcpProxy;
  const url = (changes: Partial<pg.ClientConfig> = {}) =>
    urlThrough(proxy.port, { ...own.connection, ...changes });
  const sql = (text: string, database = 'colloquy') =>
    run({ ...own.connection, database }, (client) => client.query(text));
  const withDatabase = (changes: Partial<pg.ClientConfig> = {}) =>
    report({ DATABASE_URL: url(changes), SECRET, PORT: '1' });

  beforeAll(async () => {
    ownFolder = await mkdtemp(join(tmpdir(), 'colloquy-doctor-'));
    const log = pino({ level: 'silent' });
    own = await startEmbeddedPostgres({ dataDir: ownFolder, log, settings: TEST_SETTINGS });
    await migrateDatabase(own.connection);
    const rules = ['local all locked scram-sha-256', 'local all all trust'].join('\n');
    await writeFile(join(ownFolder, 'postgres/pg_hba.conf'), `${rules}\n`);
    await sql('SELECT pg_reload_conf()');
    proxy = await openProxy(own.connection);
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await own.stop();
    await rm(ownFolder, { recursive: true, force: true });
  });

  test('doctor finds nothing wrong with a migrated database', async () => {
    const { code, found } = await withDatabase();
    expect(code).toBe(0);
    const messages = found('database', 'ok').map(({ Message }) => Message);
    expect(messages.join('\n')).toMatch(/answers\n.*may create.*\n.*enough.*\n.*migration \d+/);
    expect(found('clock', 'ok')).toHaveLength(1);
  });

  test('doctor checks the embedded database of a data folder while it runs', async () => {
    const { found } = await report({ DATA_DIR: ownFolder });
    expect(found('database', 'ok').map(({ Message }) => Message)).toEqual([
      expect.stringMatching(/^PostgreSQL \d+.* answers$/),
      expect.stringMatching(/migration \d+/),
    ]);
  });

  test('doctor names a wrong password without showing it', async () => {
    await sql(`CREATE ROLE locked LOGIN PASSWORD 'right-password'`);
    const wrong = await withDatabase({ user: 'locked', password: 'wrong-password' });
    expectFailure(wrong, 'database', /password authentication failed/, /user and password/);
    expect(wrong.text).not.toContain('wrong-password');
  });

  test('doctor names a missing database and a stopped one', async () => {
    const missing = await withDatabase({ database: 'missing' });
    expectFailure(missing, 'database', /"missing" does not exist/, /CREATE DATABASE/);
    const stopped = await openProxy(own.connection);
    const DATABASE_URL = urlThrough(stopped.port, own.connection);
    await stopped[Symbol.asyncDispose]();
    const refused = await report({ DATABASE_URL, SECRET });
    expectFailure(refused, 'database', /ECONNREFUSED/, /Start PostgreSQL/);
  });

  test('doctor names a URL that cannot be parsed and a certificate that does not exist', async () => {
    const unescaped = await report({ DATABASE_URL: 'postgres://u:pass/word@h/d', SECRET });
    expectFailure(unescaped, 'database', /Invalid URL/, /percent-encode the password/);
    expect(unescaped.text).not.toContain('pass/word');
    const sslrootcert = `${folder}/missing.pem`;
    const DATABASE_URL = `postgres://u@127.0.0.1/d?sslrootcert=${sslrootcert}`;
    expectFailure(await report({ DATABASE_URL, SECRET }), 'database', /ENOENT/, /no certificate/);
  });

  test('doctor refuses a database that ends its connections', async () => {
    proxy.refuse();
    const ended = await withDatabase();
    proxy.forward('only new');
    expectFailure(ended, 'database', /cannot be used/, /psql/);
  });

  test('doctor refuses an old PostgreSQL', async () => {
    const old = createTcpServer((socket) => speakVersion(socket, '14.13')).listen(0, '127.0.0.1');
    await once(old, 'listening');
    cleanups.defer(() => void old.close());
    const { port } = old.address() as AddressInfo;
    const DATABASE_URL = `postgres://colloquy@127.0.0.1:${port}/colloquy`;
    const refused = await report({ DATABASE_URL, SECRET });
    expectFailure(refused, 'database', /PostgreSQL 14.13; Colloquy needs 15/, /DATABASE_URL/);
  });

  test('doctor names the rights that a user lacks', async () => {
    await sql('CREATE ROLE reader LOGIN');
    await sql('CREATE DATABASE rights');
    const bare = await withDatabase({ user: 'reader', database: 'rights' });
    expectFailure(bare, 'database', /may not create tables/, /GRANT CREATE ON SCHEMA public/);
    expectFailure(bare, 'database', /schema of the jobs/, /GRANT CREATE ON DATABASE "rights"/);
    await sql('CREATE TABLE public.others ()', 'rights');
    await sql('GRANT CREATE ON SCHEMA public TO reader', 'rights');
    const foreign = await withDatabase({ user: 'reader', database: 'rights' });
    expectFailure(foreign, 'database', /table others belongs to another/, /OWNER TO "reader"/);
  });

  test('doctor refuses a database with another encoding than UTF-8', async () => {
    await sql(`CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'`);
    const refused = await withDatabase({ database: 'ascii' });
    expectFailure(refused, 'database', /encoding SQL_ASCII/, /ENCODING 'UTF8'/);
  });

  test('doctor counts the connections that a user may open', async () => {
    await sql('CREATE ROLE few LOGIN CONNECTION LIMIT 8');
    await sql('CREATE DATABASE few OWNER few');
    const few = await withDatabase({ user: 'few', database: 'few' });
    expectFailure(few, 'database', /8 connections are allowed/, /max_connections/);
    await sql('ALTER ROLE few CONNECTION LIMIT 20');
    const some = await withDatabase({ user: 'few', database: 'few' });
    expect(some.found('database', 'warning').map(({ Fix }) => Fix)).toEqual([
      expect.stringContaining('max_connections'),
    ]);
  });

  test('doctor tells an older schema from a newer one and an interrupted restore', async () => {
    await sql('CREATE DATABASE states TEMPLATE colloquy');
    const change = (text: string) => sql(text, 'states');
    await change(
      'DELETE FROM schema_migrations WHERE number = (SELECT max(number) FROM schema_migrations)',
    );
    const older = await withDatabase({ database: 'states' });
    expect(older.code).toBe(0);
    expect(older.found('database', 'warning')[0]?.Fix).toContain('Make a backup');
    await change(`INSERT INTO schema_migrations (number, name) VALUES (9999, '9999_later.sql')`);
    const newer = await withDatabase({ database: 'states' });
    expectFailure(newer, 'database', /newer release has migrated/, /Run that release/);
    await change('CREATE TABLE restoring ()');
    const restoring = await withDatabase({ database: 'states' });
    expectFailure(restoring, 'database', /restore .* was interrupted/, /run the restore again/);
  });

  test('doctor leaves an empty database empty', async () => {
    await sql('CREATE DATABASE untouched');
    const { found } = await withDatabase({ database: 'untouched' });
    expect(found('database', 'ok').map(({ Message }) => Message)).toContain(
      'the database is empty; the first start creates its tables',
    );
    const { rowCount } = await sql(
      `SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace`,
      'untouched',
    );
    expect(rowCount).toBe(0);
  });
});

describe('doctor checks clocks', () => {
  const at = (other: number, resolutionMs = 1) =>
    checkClock('the database', { before: 100_000, after: 100_050, other, resolutionMs });

  test('doctor accepts a clock that agrees within its resolution and the time of the request', () => {
    expect([at(100_020), at(99_000, 1000), at(101_900)].map(({ status }) => status)).toEqual(
      Array(3).fill('ok'),
    );
  });

  test('doctor names the difference and the direction of a wrong clock', () => {
    expect(at(110_050)).toMatchObject({
      status: 'warning',
      message: expect.stringMatching(/10 s ahead/),
    });
    expect(at(-100_000)).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/200 s behind/),
    });
  });
});

describe('doctor checks PUBLIC_URL', () => {
  let server: TestServer;
  let proxy: TcpProxy;
  const known = () => ({ DATABASE_URL: urlThrough(proxy.port, server.connection), SECRET });
  beforeAll(async () => {
    server = await startTestServer();
    proxy = await openProxy(server.connection);
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('doctor finds nothing wrong with a server of this database', async () => {
    const { code, all } = await report({ ...known(), PUBLIC_URL: server.url });
    expect(all.filter(({ Status }) => Status !== 'ok')).toEqual([]);
    expect(code).toBe(0);
  });

  test('doctor refuses a server of another database', async () => {
    await using other = await testDatabase();
    // Databases of tests are copies of one.
    await run(other.connection, (client) =>
      client.query('UPDATE installation SET id = gen_random_uuid()'),
    );
    const proxied = cleanups.use(await openProxy(other.connection));
    const DATABASE_URL = urlThrough(proxied.port, other.connection);
    const refused = await report({ DATABASE_URL, SECRET, PUBLIC_URL: server.url });
    expectFailure(refused, 'PUBLIC_URL', /another database/, /PUBLIC_URL/);
  });

  test('doctor refuses other programs, redirects and silence', async () => {
    const other = await answerAt((_request, response) => response.end('<h1>Welcome</h1>'));
    const page = await report({ ...known(), PUBLIC_URL: other });
    expectFailure(page, 'PUBLIC_URL', /not as a Colloquy/, /proxy pass all paths/);
    const moved = await answerAt((_request, response) =>
      response.writeHead(301, { Location: 'https://elsewhere.example/readyz' }).end(),
    );
    const redirect = await report({ ...known(), PUBLIC_URL: moved });
    expectFailure(redirect, 'PUBLIC_URL', /redirects to https:\/\/elsewhere/, /after the redirect/);
    const silent = await report({ ...known(), PUBLIC_URL: 'http://127.0.0.1:1' });
    expectFailure(silent, 'PUBLIC_URL', /does not answer/, /DNS name or certificate/);
  });

  test('doctor tells a server without its database from an older release', async () => {
    const json = (status: number, body: object) =>
      answerAt((_request, response) => response.writeHead(status).end(JSON.stringify(body)));
    const down = await json(503, { Success: false, Code: 'Ready:UNAVAILABLE', Message: 'x' });
    const unready = await report({ ...known(), PUBLIC_URL: down });
    expectFailure(unready, 'PUBLIC_URL', /answers, but its database does not/, /DATABASE_URL/);
    const old = await json(200, { Success: true, Data: { Status: 'Ready', Version: '0.1.0' } });
    const { found } = await report({ ...known(), PUBLIC_URL: old });
    expect(found('PUBLIC_URL', 'warning')[0]?.Message).toMatch(/is an older release/);
  });

  test('doctor warns if no server runs yet', async () => {
    const { code, found } = await report({ PORT: '1' });
    expect(code).toBe(0);
    expect(found('PUBLIC_URL', 'warning')[0]?.Fix).toMatch(/^No server runs yet/);
  });

  test.each([
    [{ PUBLIC_URL: 'http://colloquy.invalid' }, /unencrypted/],
    [{ PUBLIC_URL: 'https://colloquy.invalid' }, /TRUST_PROXY is empty/],
    [{ HOST: '0.0.0.0', PORT: '1' }, /it is not set/],
    [{ TRUST_PROXY: '0.0.0.0/0', PORT: '1' }, /trusts everyone/],
  ])('doctor warns of %o', async (settings, warning) => {
    const { found } = await report(settings);
    const messages = found('PUBLIC_URL', 'warning').map(({ Message }) => Message);
    expect(messages.filter((message) => warning.test(message))).toHaveLength(1);
  });
});

test('doctor refuses unknown options', async () => {
  const args = ['packages/server/src/main.ts', 'doctor', '--fix'];
  const failure = await execute(process.execPath, args, { cwd: ROOT }).catch((error) => error);
  expect(failure).toMatchObject({ code: 1, stdout: '' });
  expect(failure.stderr).toContain('The only option of doctor is --json.');
});
