import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../servers/server-process.ts';
import { startTestServer, type TestServer, testDatabase } from '../servers/test-server.ts';

const STARTED = '2026-01-10T10:00:00Z';
const ENDED = '2026-01-10T10:05:00Z';

interface Line {
  At: string;
  BusinessId: number;
  IdHash: string;
  Parts: string;
}

/** The lines of a ledger, and the ids of the installations in it. */
async function linesOf(folder: string) {
  const names = (await readdir(folder)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const lines = texts.join('').trim().split('\n');
  const values = lines.map((line) => JSON.parse(line) as Line | { Installation: string });
  return {
    installations: new Set(values.flatMap((v) => ('Installation' in v ? v.Installation : []))),
    entries: values.filter((value) => 'IdHash' in value),
  };
}

const put = (server: TestServer, businessId: number, sessionId: string) =>
  server.admin.putConversation({
    businessId,
    sessionId,
    Status: 'Completed',
    StartTime: STARTED,
    EndTime: ENDED,
    EndType: 'Normal',
    InitiationType: 'Inbound',
    Clients: [
      { ClientId: 'c', ClientType: 'Phone', JoinedAt: STARTED, PhoneNumber: '+15551234567' },
    ],
    Messages: [{ SenderId: 'c', Role: 'User', Content: 'hello', Timestamp: STARTED }],
    Logs: [{ Level: 'Info', Message: 'hello', Timestamp: STARTED }],
  });

const pending = async (server: TestServer) =>
  (await server.sql.query('SELECT count(*)::integer AS n FROM ledger_pending')).rows[0].n as number;

test('each deletion and purge adds a ledger line without content or ids', async () => {
  await using server = await startTestServer();
  const folder = join(server.app.ctx.config.dataDir, 'ledger');
  const businessId = await server.newBusiness();
  const { rows } = await server.sql.query('SELECT id FROM installation');
  expect(await linesOf(folder)).toEqual({ installations: new Set([rows[0].id]), entries: [] });
  for (const id of ['deleted', 'partly-purged', 'purged']) await put(server, businessId, id);

  await server.admin.deleteConversation({ businessId, sessionId: 'deleted' });
  const [deleted] = (await linesOf(folder)).entries;
  expect(deleted).toEqual({
    At: new Date(server.clock.now()).toISOString(),
    BusinessId: businessId,
    IdHash: expect.stringMatching(/^[\w-]{22}$/),
    Parts: 'Record',
  });

  const rule = { Name: 'all', Match: {}, RecordingDays: null, RecordDays: null };
  await server.admin.putRetention({
    businessId,
    Rules: [{ ...rule, TranscriptDays: 1, LogDays: 1 }],
  });
  await server.admin.runRetention({ businessId });
  await until(async () => (await linesOf(folder)).entries.length === 3);
  expect((await linesOf(folder)).entries.slice(1)).toMatchObject([
    { Parts: 'Transcript,Logs' },
    { Parts: 'Transcript,Logs' },
  ]);
  await until(async () => (await pending(server)) === 0);
  const { rows: known } = await server.sql.query('SELECT parts FROM purged_parts');
  expect(known).toHaveLength(2);

  await server.admin.deleteConversation({ businessId, sessionId: 'partly-purged' });
  const { rows: left } = await server.sql.query('SELECT parts FROM purged_parts');
  expect(left).toHaveLength(1);
  const text = await readFile(join(folder, (await readdir(folder))[0] ?? ''), 'utf8');
  expect(text).not.toMatch(/deleted|partly-purged|purged|hello|5551234567/);
});

test('an erasure gets its certificate after its lines are in the ledger', async () => {
  await using server = await startTestServer();
  await server.app.work();
  const folder = join(server.app.ctx.config.dataDir, 'ledger');
  const businessId = await server.newBusiness();
  await put(server, businessId, 'one');
  await put(server, businessId, 'two');
  const { ErasureId: erasureId } = await server.admin.createErasure({
    businessId,
    PhoneNumber: '+15551234567',
    Mode: 'Anonymise',
    Reason: 'asked',
  });
  await until(async () => {
    const { Status } = await server.admin.getErasure({ businessId, erasureId });
    return Status === 'Completed';
  });
  expect((await linesOf(folder)).entries).toHaveLength(2);
});

test('deletions continue while the ledger cannot be written, and their lines are written later', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'colloquy-ledger-'));
  const ledgerDir = join(dir, 'ledger');
  await using server = await startTestServer({ ledgerDir });
  const businessId = await server.newBusiness();
  await put(server, businessId, 'one');
  await rm(ledgerDir, { recursive: true });
  await writeFile(ledgerDir, 'no folder');
  await server.admin.deleteConversation({ businessId, sessionId: 'one' });
  expect(await pending(server)).toBe(1);
  await rm(ledgerDir);
  await server.runJob('write-ledger');
  expect(await pending(server)).toBe(0);
  expect((await linesOf(ledgerDir)).entries).toHaveLength(1);
  await rm(dir, { recursive: true });
});

test('a lost or moved ledger is written again completely', async () => {
  await using database = await testDatabase();
  const { connection } = database;
  const dir = await mkdtemp(join(tmpdir(), 'colloquy-ledger-'));
  const at = async (ledgerDir: string) => {
    await using server = await startTestServer({ connection, ledgerDir });
    return (await linesOf(ledgerDir)).entries.length + (await pending(server)) * 1000;
  };
  {
    await using server = await startTestServer({ connection, ledgerDir: join(dir, 'first') });
    const businessId = await server.newBusiness();
    for (const id of ['one', 'two', 'three']) await put(server, businessId, id);
    await server.admin.deleteConversation({ businessId, sessionId: 'one' });
    const rule = { Name: 'all', Match: {}, RecordingDays: null, RecordDays: null };
    await server.admin.putRetention({
      businessId,
      Rules: [{ ...rule, TranscriptDays: 1, LogDays: null }],
    });
    await server.admin.runRetention({ businessId });
  }
  expect(await at(join(dir, 'first'))).toBe(3);
  expect(await at(join(dir, 'second'))).toBe(3);
  expect(await at(join(dir, 'second'))).toBe(3);
  await rm(join(dir, 'second'), { recursive: true });
  expect(await at(join(dir, 'second'))).toBe(3);
  await rm(dir, { recursive: true });
});

test('a moved ledger is refused with the reason while a table of the database does not answer', async () => {
  await using database = await testDatabase();
  const { connection } = database;
  const dir = await mkdtemp(join(tmpdir(), 'colloquy-ledger-'));
  const at = (name: string) => startTestServer({ connection, ledgerDir: join(dir, name) });
  // As for a table of a cluster, one of whose nodes is down.
  const rename = async (from: string, to: string) => {
    await using server = await at('first');
    await server.sql.query(`ALTER TABLE ${from} RENAME TO ${to}`);
  };
  await rename('purged_parts', 'unreachable');
  await expect(at('second')).rejects.toThrow(
    /^The ledger of erasures is new in .*second.* did not give its entries \(.*purged_parts.*\); start again when all nodes/,
  );
  await rename('unreachable', 'purged_parts');
  await using server = await at('second');
  expect((await linesOf(join(dir, 'second'))).entries).toEqual([]);
  await server.admin.listBusinesses({});
  await rm(dir, { recursive: true });
});

test('a line truncated by a crash does not damage later lines', async () => {
  await using server = await startTestServer();
  const folder = join(server.app.ctx.config.dataDir, 'ledger');
  const businessId = await server.newBusiness();
  await put(server, businessId, 'one');
  const [name = ''] = await readdir(folder);
  const before = await readFile(join(folder, name), 'utf8');
  await writeFile(join(folder, name), `${before}{"At":"2026-0`);
  await server.admin.deleteConversation({ businessId, sessionId: 'one' });
  const lines = (await readFile(join(folder, name), 'utf8')).trim().split('\n');
  expect(lines.slice(1, 3)).toEqual(['{"At":"2026-0', expect.stringContaining('Installation')]);
  expect(JSON.parse(lines[3] ?? '')).toMatchObject({ BusinessId: businessId, Parts: 'Record' });
});
