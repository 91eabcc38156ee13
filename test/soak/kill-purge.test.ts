import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@colloquy/sdk';
import type pg from 'pg';
import { expect, test } from 'vitest';
import { silence } from '../fixtures/kept-calls.ts';
import { startServer, until } from '../servers/server-process.ts';
import { openProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { openPool, testDatabase } from '../servers/test-server.ts';
import { proofSettings, randomFrom, reportProof } from './proof.ts';

const DAY = 86_400_000;
const RULE = { Name: 'all', RecordingDays: null, TranscriptDays: null, LogDays: null };

/** Puts a conversation that ended some days ago, with a recording. */
async function put(admin: Client, businessId: number, sessionId: string, daysAgo: number) {
  const [StartTime, EndTime] = [60_000, 0].map((before) =>
    new Date(Date.now() - daysAgo * DAY - before).toISOString(),
  ) as [string, string];
  await admin.putConversation({
    businessId,
    sessionId,
    Status: 'Completed',
    StartTime,
    EndTime,
    EndType: 'Normal',
    InitiationType: 'Inbound',
    Clients: [{ ClientId: 'c', ClientType: 'Phone', JoinedAt: StartTime }],
    Messages: [{ SenderId: 'c', Role: 'User', Content: 'kept', Timestamp: StartTime }],
  });
  await admin.putRecording({
    businessId,
    sessionId,
    participantId: 'c',
    audio: silence(),
    contentType: 'audio/wav',
  } as never);
}

const { rounds, seed, timeoutMs } = proofSettings(2, 60);
/** Fewer packets than a purge of this size sends. */
const MAX_PACKETS = 120;

test(
  'a purge that is killed at any point removes exactly the due conversations',
  async () => {
    const random = randomFrom(seed);
    for (let round = 0; round < rounds; round += 1) {
      const packets = 1 + Math.floor(random() ** 2 * MAX_PACKETS);
      await killPurge(packets).catch((error: unknown) => {
        throw new Error(`round ${round}, seed ${seed}: killed after ${packets} packets`, {
          cause: error,
        });
      });
    }
    reportProof(
      `${rounds} purges killed after 1 to ${MAX_PACKETS} packets to the database, seed ${seed}`,
    );
  },
  timeoutMs,
);

/** Kills the server after it has sent a number of packets to the database since the request. */
async function killPurge(packets: number): Promise<void> {
  await using closing = new AsyncDisposableStack();
  const { connection } = closing.use(await testDatabase());
  const proxy = closing.use(await openProxy(connection));
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'colloquy-killed-'));
  closing.defer(() => rm(DATA_DIR, { recursive: true }));
  const settings = { DATABASE_URL: urlThrough(proxy.port, connection), DATA_DIR };
  const first = closing.use(await startServer(settings));
  const { BusinessId: businessId } = await first.admin.createBusiness({ Name: 'Killed' });
  const named = (kind: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${kind}-${at}`);
  const [due, young, held] = [named('due', 60), named('young', 10), named('held', 10)];
  for (const ids of [due, young, held]) {
    const daysAgo = ids === young ? 1 : 40;
    await Promise.all(ids.map((id) => put(first.patient, businessId, id, daysAgo)));
  }
  await first.patient.createHold({
    businessId,
    Name: 'Case',
    Reason: 'asked',
    SessionIds: held,
  });
  await first.patient.putRetention({
    businessId,
    Rules: [{ ...RULE, Match: {}, RecordDays: 30 }],
  });
  const sent = proxy.untilSent(packets);
  const running = first.admin.runRetention({ businessId }).catch(() => undefined);
  await Promise.race([sent, running]);
  await first.end('SIGKILL');
  await running;
  const { patient: admin } = closing.use(await startServer(settings));
  await until(async () => (await admin.runRetention({ businessId })).IsComplete);
  for (const sessionId of due) {
    await expect(admin.getConversation({ businessId, sessionId })).rejects.toMatchObject({
      status: 410,
    });
  }
  for (const sessionId of [...young, ...held]) {
    const { Messages, Clients } = await admin.getConversation({ businessId, sessionId });
    expect(Messages).toMatchObject([{ Content: 'kept' }]);
    expect((await fetch(String(Clients[0]?.AudioUrl))).status).toBe(200);
  }
  const { TotalCount } = await admin.getConversations({ businessId });
  expect(TotalCount).toBe(young.length + held.length);
  const sql = openPool(connection);
  closing.defer(() => sql.end());
  expect((await storedBlobs(DATA_DIR)).length).toBeGreaterThanOrEqual(TotalCount);
  // Waits, because waveforms are still being stored and claimed.
  await expect.poll(() => unknownBlobs(sql, DATA_DIR)).toEqual([]);
}

async function storedBlobs(dataDir: string): Promise<string[]> {
  const entries = await readdir(join(dataDir, 'recordings'), {
    recursive: true,
    withFileTypes: true,
  });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return names.filter((name) => /^\d+-[0-9a-f]{32}$/.test(name));
}

/** Blobs in the store that belong to no recording and are not registered for deletion. */
async function unknownBlobs(sql: pg.Pool, dataDir: string): Promise<string[]> {
  const { rows } = await sql.query<{ key: string | null }>(
    `SELECT blob_key AS key FROM recordings UNION SELECT peaks_key FROM recordings
     UNION SELECT blob_key FROM unclaimed_blobs`,
  );
  const known = new Set(rows.map(({ key }) => key?.replace('/', '-')));
  return (await storedBlobs(dataDir)).filter((name) => !known.has(name));
}
