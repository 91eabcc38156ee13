import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { minuteJobs } from '../../packages/server/src/rooms.ts';
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

/** The lines of a ledger, and of what installation they are. */
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

test('what goes is a line of the ledger, without a word of what it was', async () => {
  await using server = await startTestServer();
  const folder = join(server.app.ctx.config.dataDir, 'ledger');
  const businessId = await server.newBusiness();
  const { rows } = await server.sql.query('SELECT id FROM installation');
  expect(await linesOf(folder)).toEqual({ installations: new Set([rows[0].id]), entries: [] });
  for (const id of ['deleted', 'thinned', 'purged']) await put(server, businessId, id);

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
  expect(await pending(server)).toBe(0);
  const { rows: known } = await server.sql.query('SELECT parts FROM purged_parts');
  expect(known).toHaveLength(2);

  await server.admin.deleteConversation({ businessId, sessionId: 'thinned' });
  const { rows: left } = await server.sql.query('SELECT parts FROM purged_parts');
  expect(left).toHaveLength(1);
  const text = await readFile(join(folder, (await readdir(folder))[0] ?? ''), 'utf8');
  expect(text).not.toMatch(/deleted|thinned|purged|hello|5551234567/);
});

test('a certificate is given when the ledger has it all', async () => {
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

test('a ledger that cannot be written keeps nothing from going, and is written later', async () => {
  const place = await mkdtemp(join(tmpdir(), 'colloquy-ledger-'));
  const ledgerDir = join(place, 'ledger');
  await using server = await startTestServer({ ledgerDir });
  const businessId = await server.newBusiness();
  await put(server, businessId, 'one');
  await rm(ledgerDir, { recursive: true });
  await writeFile(ledgerDir, 'no folder');
  await server.admin.deleteConversation({ businessId, sessionId: 'one' });
  expect(await pending(server)).toBe(1);
  await rm(ledgerDir);
  await minuteJobs(server.app.ctx)['write-ledger']?.();
  expect(await pending(server)).toBe(0);
  expect((await linesOf(ledgerDir)).entries).toHaveLength(1);
  await rm(place, { recursive: true });
});

test('a ledger that was lost, or is in another place, has all of it again', async () => {
  await using database = await testDatabase();
  const { connection } = database;
  const place = await mkdtemp(join(tmpdir(), 'colloquy-ledger-'));
  const at = async (ledgerDir: string) => {
    await using server = await startTestServer({ connection, ledgerDir });
    return (await linesOf(ledgerDir)).entries.length + (await pending(server)) * 1000;
  };
  {
    await using server = await startTestServer({ connection, ledgerDir: join(place, 'first') });
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
  expect(await at(join(place, 'first'))).toBe(3);
  expect(await at(join(place, 'second'))).toBe(3);
  expect(await at(join(place, 'second'))).toBe(3);
  await rm(join(place, 'second'), { recursive: true });
  expect(await at(join(place, 'second'))).toBe(3);
  await rm(place, { recursive: true });
});

test('a line that a crash has cut off spoils none of those after it', async () => {
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
