import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@colloquy/sdk';
import { EXAMPLE_CONVERSATION, EXAMPLE_OUTBOUND_QUEUE, type OutputOf } from '@colloquy/wire';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../packages/server/src/config.ts';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { StartError } from '../../packages/server/src/kernel/start-error.ts';
import { copyPreparedCluster } from '../servers/postgres.ts';
import {
  type Ending,
  isAlive,
  postmasterOf,
  ROOT,
  refusedStart,
  runServer,
  type ServerProcess,
  startServer,
  until,
} from '../servers/server-process.ts';
import { openProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { ADMIN_KEY, SECRET, startTestServer, testDatabase } from '../servers/test-server.ts';

const DEMO_BUSINESS = 12345;
const run = promisify(execFile);

let dataDir: string;
let cleanups: AsyncDisposableStack;
beforeEach(async () => {
  cleanups = new AsyncDisposableStack();
  dataDir = await mkdtemp(join(tmpdir(), 'colloquy-start-'));
  cleanups.defer(async () => {
    // A failed test may leave PostgreSQL running.
    const postmaster = await postmasterOf(dataDir).catch(() => 0);
    if (postmaster > 0 && isAlive(postmaster)) process.kill(postmaster, 'SIGQUIT');
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
  });
});
afterEach(() => cleanups.disposeAsync());

const start = async (settings: Record<string, string> = {}, options = {}) => {
  const server = await startServer({ DATA_DIR: dataDir, DEMO: '0', ...settings }, options);
  // The test may have timed out.
  if (cleanups.disposed) await server[Symbol.asyncDispose]();
  return cleanups.use(server);
};

/** A database reached by a URL: a start without the embedded PostgreSQL takes half as long. */
async function openProxiedDatabase() {
  const { connection } = cleanups.use(await testDatabase());
  const proxy = cleanups.use(await openProxy(connection));
  return { connection, DATABASE_URL: urlThrough(proxy.port, connection) };
}

async function freePort(): Promise<{ port: number; close(): void }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function endAll(server: ServerProcess, signal: NodeJS.Signals): Promise<Ending> {
  const postmaster = await postmasterOf(dataDir);
  expect(isAlive(postmaster)).toBe(true);
  const ending = await server.end(signal);
  expect(isAlive(postmaster)).toBe(false);
  return ending;
}

describe('the first start', () => {
  test('the first start prints a sign-in link, a key and working commands; the second keeps all and prints no key', async () => {
    const { port, close } = await freePort();
    close();
    const command = ['sh', 'scripts/start.sh'];
    // An empty setting counts as unset, so the server makes the key and waveforms have low
    // priority.
    const settings = {
      DEMO: '1',
      PORT: String(port),
      BOOTSTRAP_API_KEY: '',
      BACKGROUND_NICE: '',
    };
    const first = await start(settings, { command });
    expect(first.printed.at(-1)).toBe(`ready http://127.0.0.1:${port}`);
    const key = /COLLOQUY_KEY=(\S+)/.exec(first.printed.join('\n'))?.[1] ?? '';
    expect(key.length).toBeGreaterThanOrEqual(32);
    expect(first.logged).toEqual([]);
    const secret = await stat(join(dataDir, 'secret'));
    expect(secret.mode & 0o777).toBe(0o600);

    const lines = first.printed
      .map((line) => line.trim())
      .filter((line) => line.startsWith('curl'));
    expect(lines.length).toBeGreaterThanOrEqual(4);
    for (const line of lines) {
      const { stdout } = await run('sh', ['-c', line]);
      const answer = JSON.parse(stdout);
      expect(answer.Success, line).toBe(true);
      const found = answer.Data.Items ?? [answer.Data];
      expect(found.length, line).toBeGreaterThan(0);
    }
    expect(await endAll(first, 'SIGTERM')).toEqual({ code: 0, signal: null });

    const second = await start({ ...settings, PORT: '0' }, { command });
    // Each start prints a new link until one has been used.
    expect(second.printed.filter((line) => line !== '')).toEqual([
      'Sign in as the first admin. The link works once:',
      expect.stringMatching(/^ {2}http:\/\/127\.0\.0\.1:\d+\/join#[\w-]{43}$/),
      `ready ${second.url}`,
    ]);
    const client = createClient({ baseUrl: second.url, apiKey: key });
    const { TotalCount } = await client.getConversations({ businessId: DEMO_BUSINESS });
    expect(TotalCount).toBeGreaterThanOrEqual(60);
    expect(await endAll(second, 'SIGINT')).toEqual({ code: 0, signal: null });
    console.log(
      `first start ${Math.round(first.readyAfter)} ms, second ${Math.round(second.readyAfter)} ms`,
    );
  });

  test('a first start that fails creates no key, and the next start prints it', async () => {
    await copyPreparedCluster(dataDir);
    const { port, close } = await freePort();
    const settings = { DATA_DIR: dataDir, DEMO: '0', PORT: String(port) };
    const refused = await refusedStart(settings);
    expect(refused).toEqual({
      code: 1,
      stderr: `Colloquy can't start: it cannot listen on 127.0.0.1, port ${port}: another program uses the port; set another PORT.`,
      printed: [],
    });
    close();
    expect(await readdir(join(dataDir, 'postgres'))).not.toContain('postmaster.pid');
    const next = await start({ BOOTSTRAP_API_KEY: '', PORT: String(port) });
    expect(next.printed.join('\n')).toContain('COLLOQUY_KEY=');
  });
});

describe('the demo', () => {
  test('the demo has calls of many kinds, and the documented example', async () => {
    await using server = await startTestServer({ demo: true, overrides: { clock: systemClock } });
    const { admin } = server;
    const all: OutputOf<'GetConversations'>['Items'] = [];
    for await (const item of admin.items('getConversations', {
      businessId: DEMO_BUSINESS,
      Limit: 100,
    })) {
      all.push(item);
    }
    expect(all.length).toBeGreaterThanOrEqual(60);
    const kinds = (of: (item: (typeof all)[number]) => unknown) => new Set(all.map(of)).size;
    expect(kinds(({ Status }) => Status)).toBeGreaterThanOrEqual(3);
    expect(kinds(({ EndType }) => EndType)).toBeGreaterThanOrEqual(5);
    expect(kinds(({ InitiationType }) => InitiationType)).toBe(3);
    expect(all.filter(({ EndTime }) => EndTime === null).length).toBeGreaterThanOrEqual(2);
    const monthAgo = Date.now() - 30 * 86_400_000;
    for (const { Id, StartTime, EndTime } of all) {
      if (Id === EXAMPLE_CONVERSATION.Id) continue;
      expect(Date.parse(StartTime)).toBeGreaterThan(monthAgo);
      expect(Date.parse(EndTime ?? StartTime)).toBeLessThanOrEqual(Date.now());
    }

    const sessionId = EXAMPLE_CONVERSATION.Id;
    const example = await admin.getConversation({ businessId: DEMO_BUSINESS, sessionId });
    const { Recordings, ...documented } = example;
    const people = [...documented.Clients, ...documented.Agents];
    const expected = structuredClone(EXAMPLE_CONVERSATION);
    for (const person of [...expected.Clients, ...expected.Agents]) {
      Object.assign(person, {
        AudioUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/media\//),
      });
    }
    expect(documented).toEqual(expected);
    expect(Object.keys(documented)).toEqual(Object.keys(EXAMPLE_CONVERSATION));
    for (const { AudioUrl } of people) {
      const whole = await fetch(String(AudioUrl));
      expect([whole.status, whole.headers.get('Content-Type')]).toEqual([200, 'audio/ogg']);
      const bytes = Buffer.from(await whole.arrayBuffer());
      expect(bytes.toString('latin1', 0, 4)).toBe('OggS');
      const part = await fetch(String(AudioUrl), { headers: { Range: 'bytes=10-19' } });
      expect(part.status).toBe(206);
      expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(10, 20));
    }
    const queueId = EXAMPLE_OUTBOUND_QUEUE.QueueId;
    const queue = await admin.getOutboundQueue({ businessId: DEMO_BUSINESS, queueId });
    expect(queue).toEqual(EXAMPLE_OUTBOUND_QUEUE);
  });

  test('a demo whose loading was killed is completed by the next start', async () => {
    const { connection, DATABASE_URL } = await openProxiedDatabase();
    const made = async () => {
      const blobs = await readdir(join(dataDir, 'recordings'), { recursive: true });
      return blobs.length;
    };
    const cut = cleanups.use(runServer({ DATABASE_URL, DATA_DIR: dataDir, DEMO: '1' }));
    await until(async () => (await made().catch(() => 0)) > 5);
    await cut.end('SIGKILL');
    expect(cut.printed).toEqual([]);
    const overrides = { clock: systemClock };
    const next = cleanups.use(
      await startTestServer({ connection, dataDir, demo: true, overrides }),
    );
    const { TotalCount } = await next.admin.getConversations({ businessId: DEMO_BUSINESS });
    const samples = await run('wc', ['-l', join(ROOT, 'samples/demo/conversations.ndjson')]);
    expect(TotalCount).toBe(Number.parseInt(samples.stdout, 10) + 1);
  });
});

describe('npm start', () => {
  /** npm is the shell's foreground job; a terminal sends Ctrl-C to its process group. */
  test.each([
    ['SIGTERM', 'npm'],
    ['SIGINT', 'npm'],
    ['SIGINT', 'its process group'],
  ] as const)(
    'npm start exits with 0 after %s to %s, and stops its database',
    async (signal, target) => {
      await copyPreparedCluster(dataDir);
      const command = ['npm', 'start'];
      const server = await start({}, { command, detached: true });
      const postmaster = await postmasterOf(dataDir);
      if (target === 'npm') process.kill(server.pid, signal);
      else process.kill(-server.pid, signal);
      const { code } = await server.ended;
      expect(code).toBe(0);
      expect(isAlive(postmaster)).toBe(false);
      await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    },
  );
});

test('all data is there after crashes of the server, of PostgreSQL and of both', async () => {
  await copyPreparedCluster(dataDir);
  const kept: number[] = [];
  let server = await start();
  for (const which of ['the server', 'PostgreSQL', 'both']) {
    const { BusinessId } = await server.admin.createBusiness({ Name: `Kept after ${which}` });
    kept.push(BusinessId);
    const postmaster = await postmasterOf(dataDir);
    if (which !== 'the server') process.kill(postmaster, 'SIGKILL');
    await server.end(which === 'PostgreSQL' ? 'SIGTERM' : 'SIGKILL');
    server = await start();
    const { Items } = await server.admin.listBusinesses({});
    expect(Items.map((item) => item.BusinessId).sort(), which).toEqual(kept.toSorted());
    if (which === 'the server') expect(isAlive(postmaster)).toBe(false);
  }
  expect(await endAll(server, 'SIGTERM')).toEqual({ code: 0, signal: null });
});

describe('invalid settings', () => {
  const wrong = [
    ['PORT', 'eighty'],
    ['PORT', '65536'],
    ['SECRET', 'short'],
    ['BOOTSTRAP_API_KEY', 'short'],
    ['DEMO', 'yes'],
    ['ALLOW_PRIVATE_TARGETS', 'true'],
    ['AUDIO_URL_TTL_SECONDS', '0'],
    ['RATE_LIMIT_PER_SECOND', '-1'],
    ['SEAL_AFTER_SECONDS', '1.5'],
    ['ABANDON_AFTER_SECONDS', '0'],
    ['PUBLIC_URL', 'example.com'],
    ['BACKGROUND_NICE', '-1'],
    ['LOG_LEVEL', 'loud'],
    ['DATABASE_URL', 'mysql://localhost/colloquy'],
  ] as const;
  test('an invalid setting is named in one sentence', () => {
    for (const [name, value] of wrong) {
      const read = () => readConfig({ SECRET, [name]: value });
      expect(read, name).toThrow(ConfigError);
      expect(read, name).toThrow(new RegExp(`\\b${name}\\b[^\\n]*\\.$`));
    }
  });

  test('a setting in a file counts like one in the environment, and a wrong file is named', async () => {
    const file = join(dataDir, 'secret');
    await writeFile(file, `${SECRET}\n`);
    expect(readConfig({ SECRET_FILE: file }).secret).toBe(SECRET);
    await writeFile(file, 'short');
    expect(() => readConfig({ SECRET_FILE: file })).toThrow(/^SECRET is too short/);
    await writeFile(file, '\n');
    expect(() => readConfig({ SECRET_FILE: file })).toThrow(/^SECRET_FILE is ".*", which is empty/);
    expect(() => readConfig({ SECRET, SECRET_FILE: file })).toThrow(/^Give SECRET or SECRET_FILE/);
    const missing = { DATABASE_URL_FILE: join(dataDir, 'missing') };
    expect(() => readConfig(missing)).toThrow(
      /^DATABASE_URL_FILE is ".*\/missing", which cannot be read \(ENOENT\)/,
    );
  });

  test.each([
    ['PORT', 'eighty'],
    ['DATA_DIR', '/dev/null/data'],
  ])('the process ends with one sentence if a setting is invalid: %s=%s', async (name, value) => {
    const settings = { DATA_DIR: dataDir, DEMO: '0', [name]: value };
    const { code, stderr, printed } = await refusedStart(settings);
    expect(stderr).toMatch(/^Colloquy can't start: [^\n]+\.$/);
    expect(stderr).toContain(name);
    expect([code, printed]).toEqual([1, []]);
  });

  test('a HOST that is not an address of this machine is named in the error', async () => {
    await expect(startTestServer({ host: '192.0.2.1' })).rejects.toThrow(
      new StartError(
        'it cannot listen on 192.0.2.1, port 0: HOST is not an address of this machine.',
      ),
    );
  });
});

test('a second server on the same data folder is refused while the first one keeps working', async () => {
  await copyPreparedCluster(dataDir);
  const server = await start();
  const { code, stderr } = await refusedStart({ DATA_DIR: dataDir, DEMO: '0' });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    new RegExp(
      `^Colloquy can't start: Another Colloquy \\(process ${server.pid}\\) already runs on the data folder ${dataDir};[^\\n]+$`,
    ),
  );
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  expect(await endAll(server, 'SIGTERM')).toEqual({ code: 0, signal: null });
});

test('SIGTERM lets an upload in progress finish', async () => {
  const { connection, DATABASE_URL } = await openProxiedDatabase();
  const server = await start({ DATABASE_URL });
  const { BusinessId: businessId } = await server.admin.createBusiness({ Name: 'Test' });
  await server.admin.putConversation({
    businessId,
    sessionId: 's',
    Status: 'Active',
    InitiationType: 'Web',
    StartTime: new Date().toISOString(),
  });
  const upload = request(
    `${server.url}/api/v1/business/${businessId}/conversations/s/recordings/_mixed`,
    {
      method: 'PUT',
      headers: { Authorization: `Token ${ADMIN_KEY}`, 'Content-Type': 'audio/wav' },
    },
  );
  const answered = once(upload, 'response');
  const chunk = Buffer.alloc(64 * 1024);
  upload.write(chunk);
  await until(
    async () => (await readdir(join(dataDir, 'recordings'), { recursive: true })).length > 0,
  );
  const ending = server.end('SIGTERM');
  await until(() =>
    fetch(`${server.url}/healthz`).then(
      () => false,
      () => true,
    ),
  );
  for (let index = 0; index < 20; index += 1) {
    if (!upload.write(chunk)) await once(upload, 'drain');
  }
  upload.end();
  const [response] = await answered;
  response.resume();
  expect(response.statusCode).toBe(201);
  expect(await ending).toEqual({ code: 0, signal: null });
  const next = cleanups.use(await startTestServer({ connection, dataDir }));
  const read = await next.admin.getConversation({ businessId, sessionId: 's' });
  expect(read).toMatchObject({ Recordings: [{ Bytes: 21 * chunk.length }] });
});
