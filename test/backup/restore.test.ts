import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXAMPLE_CONVERSATION, EXAMPLE_PUT } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../packages/cli/test/run-cli.ts';
import { emptyGround, saveBackup } from '../fixtures/backups.ts';
import { callActions, silence } from '../fixtures/kept-calls.ts';
import { copyPreparedCluster } from '../servers/postgres.ts';
import { startServer, until } from '../servers/server-process.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
let folder: string;
let file: string;
let kept: string;
let deleted: string;
beforeAll(async () => {
  server = await startTestServer();
  businessId = await server.newBusiness();
  folder = await mkdtemp(join(tmpdir(), 'colloquy-restore-'));
  kept = await calls.finished(2);
  await calls.record(kept);
  await server.admin.deleteConversation({ businessId, sessionId: await calls.finished(2) });
  deleted = await calls.finished(2);
  file = await saveBackup(server.admin, folder);
  await server.admin.deleteConversation({ businessId, sessionId: deleted });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const DEMO_BUSINESS = 12345;
/** Of silence: 32 MB. */
const LONG_SECONDS = 4_000;
const calls = callActions(() => ({ server, businessId }));
const ledger = () => join(server.app.ctx.config.dataDir, 'ledger');

/** A copy of the archive of which `change` has changed the bytes. */
async function spoiled(change: (bytes: Buffer) => Buffer | Promise<Buffer>): Promise<string> {
  const path = join(folder, 'spoiled.tar');
  await writeFile(path, await change(await readFile(file)));
  return path;
}

describe('an archive is refused', () => {
  const refusals: [string, () => Promise<string[]>, RegExp][] = [
    [
      'that is none',
      async () => [await spoiled(() => Buffer.alloc(2048))],
      /not a backup of Colloquy/,
    ],
    ['that is not there', async () => [join(folder, 'nothing.tar')], /ENOENT/],
    ['without its end', async () => [await spoiled((b) => b.subarray(0, -3072))], /damaged/],
    ['cut within an entry', async () => [await spoiled((b) => b.subarray(0, 9000))], /damaged/],
    [
      'of which a bit is wrong',
      async () => [
        await spoiled((bytes) => {
          // Within the recording, of which no format tells.
          const at = bytes.indexOf('RIFF') + 5000;
          bytes[at] = (bytes[at] ?? 0) ^ 1;
          return bytes;
        }),
      ],
      /damaged/,
    ],
    [
      'of a newer release',
      async () => [
        await spoiled((bytes) =>
          Buffer.from(bytes.toString('latin1').replace('"Format": 1', '"Format": 9'), 'latin1'),
        ),
      ],
      /newer release/,
    ],
    [
      'of a newer database',
      async () => [
        await spoiled((bytes) => {
          const text = bytes.toString('latin1').replace(/"Migration": \d\d/, '"Migration": 99');
          return Buffer.from(text, 'latin1');
        }),
      ],
      /newer release/,
    ],
    ['without a ledger', async () => [file], /There is no ledger in .*data\/ledger/],
    [
      'with a ledger of others',
      async () => [file, '--ledger', await foreignLedger()],
      /another database's/,
    ],
    [
      'with a ledger that is not all',
      async () => [file, '--ledger', await halfLedger()],
      /lacks 1 of/,
    ],
    [
      'with two wishes at once',
      async () => [file, '--without-ledger', '--ledger', ledger()],
      /npm run restore/,
    ],
  ];
  test.each(refusals)('%s', async (_, args, message) => {
    await using ground = await emptyGround();
    const given = await args();
    const isRead = given.length === 1 && given[0] !== file;
    const ledgerOf = isRead ? ['--ledger', ledger()] : [];
    const { code, said } = await ground.restore(...given, ...ledgerOf);
    expect({ code, said }).toEqual({ code: 1, said: expect.stringMatching(message) });
    // In a sentence, not in the lines of a program.
    expect(said).not.toMatch(/\n {4}at /);
  });

  async function foreignLedger(): Promise<string> {
    const place = await mkdtemp(join(folder, 'ledger-'));
    const lines = await readFile(await onlyFile(), 'utf8');
    const installation = /"Installation":"(\S+?)"/.exec(lines)?.[1] ?? '';
    await writeFile(join(place, '2026-01.jsonl'), lines.replaceAll(installation, 'other'));
    return place;
  }
  async function halfLedger(): Promise<string> {
    const place = await mkdtemp(join(folder, 'ledger-'));
    const lines = (await readFile(await onlyFile(), 'utf8')).split('\n');
    await writeFile(join(place, '2026-01.jsonl'), `${lines[0]}\n`);
    return place;
  }
});

const onlyFile = async () => join(ledger(), (await readdir(ledger()))[0] ?? '');

describe('a secret', () => {
  const wrong = 'another-secret-0123456789abcdef0123456789';
  test('that is another one is refused', async () => {
    await using ground = await emptyGround({}, { SECRET: wrong });
    const { code, said } = await ground.restore(file, '--ledger', ledger());
    expect({ code, said }).toEqual({ code: 1, said: expect.stringMatching(/another SECRET/) });
  });

  test('that is lost, and a ledger, can be done without', async () => {
    await using ground = await emptyGround({}, { SECRET: wrong });
    const { code, printed } = await ground.restore(file, '--without-ledger', '--new-secret');
    expect({ code, printed }).toEqual({ code: 0, printed: expect.stringMatching(/has come back/) });
    await using restored = await ground.open();
    const { statusOf } = callActions(() => ({ server: restored, businessId }));
    expect([await statusOf(kept), await statusOf(deleted)]).toEqual([200, 200]);
  });
});

test.each([
  ['has begun', `SELECT to_regclass('recordings') IS NOT NULL AS is_so`],
  ['has loaded conversations', 'SELECT EXISTS (SELECT FROM conversations) AS is_so'],
  ['prepares jobs', `SELECT to_regnamespace('graphile_worker') IS NOT NULL AS is_so`],
  ['lets go of what went since', 'SELECT EXISTS (SELECT FROM ledger_pending) AS is_so'],
])('a restore that was killed when it %s is not taken for a whole one', async (_, sign) => {
  await using ground = await emptyGround();
  const run = ground.begin(file, '--ledger', ledger());
  const isSo = async () =>
    (await ground.sql.query(sign).catch(() => ({ rows: [] }))).rows[0]?.is_so === true;
  await until(async () => (await isSo()) || run.child.exitCode !== null);
  await run.end('SIGKILL');
  const { rows } = await ground.sql.query(`SELECT to_regclass('restoring') IS NOT NULL AS is_half`);
  if (!rows[0].is_half) {
    // It was done by then, with all that belongs to it.
    await using restored = await ground.open();
    const { statusOf } = callActions(() => ({ server: restored, businessId }));
    expect([await statusOf(kept), await statusOf(deleted)]).toEqual([200, 410]);
    return;
  }
  await expect(ground.open()).rejects.toThrow(/restore .* broke off/);
  const again = await ground.restore(file, '--ledger', ledger());
  expect(again).toMatchObject({ code: 1, said: expect.stringMatching(/broke off; name an empty/) });
});

test('a database that is there is not overwritten', async () => {
  await using ground = await emptyGround();
  expect((await ground.restore(file, '--ledger', ledger())).code).toBe(0);
  await using refused = ground.begin(file, '--ledger', ledger());
  expect(await refused.ended).toEqual({ code: 1, signal: null });
  expect(refused.logged.at(-1)).toMatch(/^It can't be restored: There is a database/);
});

test('one archive after the other, and what went in between stays gone', async () => {
  await using ground = await emptyGround();
  expect((await ground.restore(file, '--ledger', ledger())).code).toBe(0);
  const at = { businessId, sessionId: kept };
  await using restored = await ground.open();
  await restored.admin.deleteConversation(at);
  await using second = await emptyGround();
  const ledgerOfSecond = join(ground.settings.DATA_DIR, 'ledger');
  const { printed } = await second.restore(file, '--ledger', ledgerOfSecond);
  expect(printed).toContain('again: 2 conversations');
  await using last = await second.open();
  await expect(last.admin.getConversation(at)).rejects.toMatchObject({ status: 410 });
});

test('a database that others have restored lets go by the ledger alone', async () => {
  await using ground = await emptyGround();
  expect((await ground.restore(file, '--without-ledger')).code).toBe(0);
  const { code, printed, said } = await ground.restore('--ledger-only', '--ledger', ledger());
  expect({ code, said }).toMatchObject({ code: 0 });
  expect(printed).toContain('again: 1 conversations');
  await using restored = await ground.open();
  const { statusOf } = callActions(() => ({ server: restored, businessId }));
  expect([await statusOf(kept), await statusOf(deleted)]).toEqual([200, 410]);
  await restored.app.work();
  const busy = await ground.restore('--ledger-only', '--ledger', ledger());
  expect(busy).toMatchObject({ code: 1, said: expect.stringMatching(/a server runs/) });
});

test('colloquy backup and colloquy restore, from one data folder to another', async () => {
  const place = await mkdtemp(join(folder, 'cli-'));
  const settings = { DATA_DIR: join(place, 'old'), DEMO: '0' };
  await mkdir(settings.DATA_DIR);
  await copyPreparedCluster(settings.DATA_DIR);
  await using first = await startServer(settings);
  const { admin, url } = first;
  const at = { businessId: DEMO_BUSINESS, sessionId: 'call' };
  await admin.createBusiness({ BusinessId: DEMO_BUSINESS, Name: 'Demo' });
  await admin.putConversation({ ...at, ...EXAMPLE_PUT } as never);
  const audio = silence(1);
  await admin.putRecording({ ...at, participantId: '_mixed', audio, contentType: 'audio/wav' });
  // The one that tells whether the demo was loaded.
  const example = { ...at, sessionId: EXAMPLE_CONVERSATION.Id };
  await admin.putConversation({ ...example, ...EXAMPLE_PUT } as never);
  const out = join(place, 'saved.tar');
  const options = { url, key: ADMIN_KEY };
  const saved = await runCli(['backup', '--out', out], options);
  expect(saved).toMatchObject({ code: 0, stderr: expect.stringMatching(/saved.tar is whole/) });
  expect((await stat(out)).mode & 0o077).toBe(0);
  const again = await runCli(['backup', '--out', out], options);
  expect(again).toMatchObject({ code: 2, stderr: expect.stringMatching(/there already/) });
  await admin.deleteConversation(example);
  await first.end('SIGTERM');

  const DATA_DIR = join(place, 'new');
  const env = { ...process.env, DATA_DIR };
  const old = (name: string) => join(settings.DATA_DIR, name);
  const checked = await runCli(['restore', out, '--check'], { ...options, env });
  expect(checked).toMatchObject({ code: 0, stdout: 'The archive is complete.\n' });
  const restored = await runCli(
    ['restore', out, '--ledger', old('ledger'), '--secret', old('secret')],
    { ...options, env },
  );
  expect(restored).toMatchObject({ code: 0, stdout: expect.stringMatching(/Start it with/) });
  await using second = await startServer({ DATA_DIR });
  const { Items } = await second.admin.getConversations({ businessId: DEMO_BUSINESS });
  expect(Items.map(({ Id }) => Id)).toEqual([at.sessionId]);
  const { AudioUrl } = Items.flatMap(({ Recordings = [] }) => Recordings)[0] ?? {};
  expect((await fetch(String(AudioUrl))).status).toBe(200);
});

test('a backup that breaks off leaves no file', async () => {
  const place = await mkdtemp(join(folder, 'broken-'));
  const out = join(place, 'saved.tar');
  // A server that ends in the midst of its answer.
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'Content-Type': 'application/x-tar' });
    response.write(Buffer.alloc(5000), () => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const { code, stderr } = await runCli(['backup', '--out', out], { url, key: ADMIN_KEY });
  server.close();
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/broke off/) });
  expect(await readdir(place)).toEqual([]);
});

test('two backups do not run at once; one that nobody reads any more ends', async () => {
  // More than sockets hold, so that the first one does not end before it is read.
  const sessionId = await calls.finished(2);
  const whose = { businessId, sessionId, participantId: '_mixed' };
  const contentType = 'audio/wav';
  await server.admin.putRecording({ ...whose, audio: silence(LONG_SECONDS), contentType });
  const first = await server.admin.createBackup({});
  await expect(server.admin.createBackup({})).rejects.toMatchObject({ status: 409 });
  await first.cancel();
  const isFree = () =>
    server.admin.createBackup({}).then(
      async (bytes) => {
        await bytes.cancel();
        return true;
      },
      () => false,
    );
  await until(isFree);
  const inUse = async () =>
    (
      await server.sql.query(
        `SELECT 1 FROM pg_stat_activity WHERE application_name = 'colloquy-backup'
         AND datname = current_database()`,
      )
    ).rows.length === 0;
  await until(inUse);
  await server.admin.deleteConversation({ businessId, sessionId });
});
