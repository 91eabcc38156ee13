import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXAMPLE_CONVERSATION, EXAMPLE_PUT } from '@colloquy/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../packages/cli/test/run-cli.ts';
import { openRestoreTarget, saveBackup } from '../fixtures/backups.ts';
import { callActions, silence } from '../fixtures/kept-calls.ts';
import { copyPreparedCluster } from '../servers/postgres.ts';
import { startServer, until } from '../servers/server-process.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../servers/test-server.ts';

let server: TestServer;
let businessId: number;
let folder: string;
let file: string;
let keptId: string;
let deletedId: string;
beforeAll(async () => {
  server = await startTestServer();
  businessId = await server.newBusiness();
  folder = await mkdtemp(join(tmpdir(), 'colloquy-restore-'));
  keptId = await calls.finished(2);
  await calls.record(keptId);
  await server.admin.deleteConversation({ businessId, sessionId: await calls.finished(2) });
  deletedId = await calls.finished(2);
  file = await saveBackup(server.admin, folder);
  await server.admin.deleteConversation({ businessId, sessionId: deletedId });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const DEMO_BUSINESS = 12345;
/** Seconds of silence, 32 MB. */
const LONG_SECONDS = 4_000;
const calls = callActions(() => ({ server, businessId }));
const ledger = () => join(server.app.ctx.config.dataDir, 'ledger');

async function spoilArchive(change: (bytes: Buffer) => Buffer | Promise<Buffer>): Promise<string> {
  const path = join(folder, 'spoiled.tar');
  await writeFile(path, await change(await readFile(file)));
  return path;
}

describe('refused restores', () => {
  const refusals: [string, () => Promise<string[]>, RegExp][] = [
    [
      'of a file that is not a backup',
      async () => [await spoilArchive(() => Buffer.alloc(2048))],
      /not a backup of Colloquy/,
    ],
    ['of a missing file', async () => [join(folder, 'nothing.tar')], /ENOENT/],
    [
      'of an archive without its end',
      async () => [await spoilArchive((b) => b.subarray(0, -3072))],
      /damaged/,
    ],
    [
      'of an archive cut within an entry',
      async () => [await spoilArchive((b) => b.subarray(0, 9000))],
      /damaged/,
    ],
    [
      'of an archive with a flipped bit',
      async () => [
        await spoilArchive((bytes) => {
          // Inside the recording, whose format has no checksum.
          const at = bytes.indexOf('RIFF') + 5000;
          bytes[at] = (bytes[at] ?? 0) ^ 1;
          return bytes;
        }),
      ],
      /damaged/,
    ],
    [
      'of an archive of a newer release',
      async () => [
        await spoilArchive((bytes) =>
          Buffer.from(bytes.toString('latin1').replace('"Format": 1', '"Format": 9'), 'latin1'),
        ),
      ],
      /newer release/,
    ],
    [
      'of an archive with a newer schema',
      async () => [
        await spoilArchive((bytes) => {
          const text = bytes.toString('latin1').replace(/"Migration": \d\d/, '"Migration": 99');
          return Buffer.from(text, 'latin1');
        }),
      ],
      /newer release/,
    ],
    ['without a ledger', async () => [file], /There is no ledger in .*data\/ledger/],
    [
      'with a ledger of another database',
      async () => [file, '--ledger', await foreignLedger()],
      /another database's/,
    ],
    ['with an incomplete ledger', async () => [file, '--ledger', await halfLedger()], /lacks 1 of/],
    [
      'with contradicting options',
      async () => [file, '--without-ledger', '--ledger', ledger()],
      /npm run restore/,
    ],
  ];
  test.each(refusals)('a restore %s is refused', async (_, args, message) => {
    await using target = await openRestoreTarget();
    const given = await args();
    const isRead = given.length === 1 && given[0] !== file;
    const ledgerOf = isRead ? ['--ledger', ledger()] : [];
    const { code, stderr } = await target.restore(...given, ...ledgerOf);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  async function foreignLedger(): Promise<string> {
    const dir = await mkdtemp(join(folder, 'ledger-'));
    const lines = await readFile(await onlyFile(), 'utf8');
    const installation = /"Installation":"(\S+?)"/.exec(lines)?.[1] ?? '';
    await writeFile(join(dir, '2026-01.jsonl'), lines.replaceAll(installation, 'other'));
    return dir;
  }
  async function halfLedger(): Promise<string> {
    const dir = await mkdtemp(join(folder, 'ledger-'));
    const lines = (await readFile(await onlyFile(), 'utf8')).split('\n');
    await writeFile(join(dir, '2026-01.jsonl'), `${lines[0]}\n`);
    return dir;
  }
});

const onlyFile = async () => join(ledger(), (await readdir(ledger()))[0] ?? '');

describe('restores with another SECRET', () => {
  const wrong = 'another-secret-0123456789abcdef0123456789';
  test('a restore with another SECRET is refused', async () => {
    await using target = await openRestoreTarget({}, { SECRET: wrong });
    const { code, stderr } = await target.restore(file, '--ledger', ledger());
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/another SECRET/) });
  });

  test('a restore without ledger and SECRET is possible with two explicit options', async () => {
    await using target = await openRestoreTarget({}, { SECRET: wrong });
    const { code, printed } = await target.restore(file, '--without-ledger', '--new-secret');
    expect({ code, printed }).toEqual({ code: 0, printed: expect.stringMatching(/has come back/) });
    await using restored = await target.open();
    const { statusOf } = callActions(() => ({ server: restored, businessId }));
    expect([await statusOf(keptId), await statusOf(deletedId)]).toEqual([200, 200]);
  });
});

test.each([
  ['had begun', `SELECT to_regclass('recordings') IS NOT NULL AS is_so`],
  ['had loaded conversations', 'SELECT EXISTS (SELECT FROM conversations) AS is_so'],
  ['was preparing jobs', `SELECT to_regnamespace('graphile_worker') IS NOT NULL AS is_so`],
  ['was deleting again by the ledger', 'SELECT EXISTS (SELECT FROM ledger_pending) AS is_so'],
])(
  'a restore that was killed when it %s is refused by the server and by the next restore',
  async (_, condition) => {
    await using target = await openRestoreTarget();
    const run = target.begin(file, '--ledger', ledger());
    const hasBegun = async () =>
      (await target.sql.query(condition).catch(() => ({ rows: [] }))).rows[0]?.is_so === true;
    await until(async () => (await hasBegun()) || run.child.exitCode !== null);
    await run.end('SIGKILL');
    const { rows } = await target.sql.query(
      `SELECT to_regclass('restoring') IS NOT NULL AS is_half`,
    );
    if (!rows[0].is_half) {
      // The restore had finished before the signal.
      await using restored = await target.open();
      const { statusOf } = callActions(() => ({ server: restored, businessId }));
      expect([await statusOf(keptId), await statusOf(deletedId)]).toEqual([200, 410]);
      return;
    }
    await expect(target.open()).rejects.toThrow(/restore .* was interrupted/);
    const again = await target.restore(file, '--ledger', ledger());
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/was interrupted; name an empty/),
    });
  },
);

test('a restore does not overwrite an existing database', async () => {
  await using target = await openRestoreTarget();
  expect((await target.restore(file, '--ledger', ledger())).code).toBe(0);
  await using refused = target.begin(file, '--ledger', ledger());
  expect(await refused.ended).toEqual({ code: 1, signal: null });
  expect(refused.logged.at(-1)).toMatch(/^It can't be restored: A database already exists/);
});

test('a conversation deleted after a first restore stays deleted after a second one', async () => {
  await using target = await openRestoreTarget();
  expect((await target.restore(file, '--ledger', ledger())).code).toBe(0);
  const at = { businessId, sessionId: keptId };
  await using restored = await target.open();
  await restored.admin.deleteConversation(at);
  await using second = await openRestoreTarget();
  const ledgerOfSecond = join(target.settings.DATA_DIR, 'ledger');
  const { printed } = await second.restore(file, '--ledger', ledgerOfSecond);
  expect(printed).toContain('again: 2 conversations');
  await using last = await second.open();
  await expect(last.admin.getConversation(at)).rejects.toMatchObject({ status: 410 });
});

test('--ledger-only deletes data in a database restored by other means', async () => {
  await using target = await openRestoreTarget();
  expect((await target.restore(file, '--without-ledger')).code).toBe(0);
  const { code, printed, stderr } = await target.restore('--ledger-only', '--ledger', ledger());
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(printed).toContain('again: 1 conversations');
  await using restored = await target.open();
  const { statusOf } = callActions(() => ({ server: restored, businessId }));
  expect([await statusOf(keptId), await statusOf(deletedId)]).toEqual([200, 410]);
  await restored.app.work();
  const busy = await target.restore('--ledger-only', '--ledger', ledger());
  expect(busy).toMatchObject({ code: 1, stderr: expect.stringMatching(/a server runs/) });
});

test('a ledger that was copied from a bucket is read', async () => {
  const copied = await mkdtemp(join(folder, 'ledger-'));
  const [head = '', ...lines] = (await readFile(await onlyFile(), 'utf8')).trim().split('\n');
  for (const [at, line] of lines.entries()) {
    const object = `2026-03-01T12000${at}.123Z-${randomUUID()}.jsonl`;
    await writeFile(join(copied, object), `${head}\n${line}\n`);
  }
  await using target = await openRestoreTarget();
  const { code, printed } = await target.restore(file, '--ledger', copied);
  expect({ code, printed }).toEqual({ code: 0, printed: expect.stringContaining('again: 1 conv') });
});

test('colloquy backup and colloquy restore move a server from one data folder to another', async () => {
  const dir = await mkdtemp(join(folder, 'cli-'));
  const settings = { DATA_DIR: join(dir, 'old'), DEMO: '0' };
  await mkdir(settings.DATA_DIR);
  await copyPreparedCluster(settings.DATA_DIR);
  await using first = await startServer(settings);
  const { admin, url } = first;
  const at = { businessId: DEMO_BUSINESS, sessionId: 'call' };
  await admin.createBusiness({ BusinessId: DEMO_BUSINESS, Name: 'Demo' });
  await admin.putConversation({ ...at, ...EXAMPLE_PUT } as never);
  const audio = silence(1);
  await admin.putRecording({ ...at, participantId: '_mixed', audio, contentType: 'audio/wav' });
  // Its presence shows that the demo was loaded.
  const example = { ...at, sessionId: EXAMPLE_CONVERSATION.Id };
  await admin.putConversation({ ...example, ...EXAMPLE_PUT } as never);
  const out = join(dir, 'saved.tar');
  const options = { url, key: ADMIN_KEY };
  const saved = await runCli(['backup', '--out', out], options);
  expect(saved).toMatchObject({ code: 0, stderr: expect.stringMatching(/saved.tar is complete/) });
  expect((await stat(out)).mode & 0o077).toBe(0);
  const again = await runCli(['backup', '--out', out], options);
  expect(again).toMatchObject({ code: 2, stderr: expect.stringMatching(/already exists/) });
  await admin.deleteConversation(example);
  await first.end('SIGTERM');

  const DATA_DIR = join(dir, 'new');
  const env = { ...process.env, DATA_DIR };
  const old = (name: string) => join(settings.DATA_DIR, name);
  const checked = await runCli(['restore', out, '--check'], { ...options, env });
  expect(checked).toMatchObject({ code: 0, stdout: 'The archive is complete.\n' });
  const restored = await runCli(
    ['restore', out, '--ledger', old('ledger'), '--secret', old('secret')],
    { ...options, env },
  );
  expect(restored).toMatchObject({ code: 0, stdout: expect.stringMatching(/Start the server/) });
  await using second = await startServer({ DATA_DIR });
  const { Items } = await second.admin.getConversations({ businessId: DEMO_BUSINESS });
  expect(Items.map(({ Id }) => Id)).toEqual([at.sessionId]);
  const { AudioUrl } = Items.flatMap(({ Recordings = [] }) => Recordings)[0] ?? {};
  expect((await fetch(String(AudioUrl))).status).toBe(200);
});

test('colloquy backup leaves no file if the server cuts the archive off', async () => {
  const dir = await mkdtemp(join(folder, 'broken-'));
  const out = join(dir, 'saved.tar');
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
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/was interrupted/) });
  expect(await readdir(dir)).toEqual([]);
});

test('a second backup is refused while one runs, and a canceled one ends', async () => {
  // More than sockets buffer, so the first backup cannot end before it is read.
  const sessionId = await calls.finished(2);
  const recording = { businessId, sessionId, participantId: '_mixed' };
  const contentType = 'audio/wav';
  await server.admin.putRecording({ ...recording, audio: silence(LONG_SECONDS), contentType });
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
