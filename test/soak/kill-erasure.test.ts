import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silence, tablesContaining } from '../fixtures/kept-calls.ts';
import { startServer, until } from '../servers/server-process.ts';
import { openProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { openPool, testDatabase } from '../servers/test-server.ts';
import { proofSettings, randomFrom, reportProof } from './proof.ts';

const CONVERSATIONS = 40;
const WITH_RECORDINGS = 10;
const NUMBER = '+4915112345678';

/** The blobs below a folder, without the owner's mark. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return files.filter((name) => name !== 'owner');
}

const { rounds, seed, timeoutMs } = proofSettings(2, 60);
/** More packets than an erasure of this size sends. */
const MAX_PACKETS = 160;

test(
  'an erasure that is killed at any point is completed by the next start',
  async () => {
    const random = randomFrom(seed);
    for (let round = 0; round < rounds; round += 1) {
      const Mode = round % 3 === 1 ? 'Anonymise' : 'Erase';
      const packets = 1 + Math.floor(random() ** 2 * MAX_PACKETS);
      await killErasure(Mode, packets).catch((error: unknown) => {
        throw new Error(`round ${round}, seed ${seed}: ${Mode}, killed after ${packets} packets`, {
          cause: error,
        });
      });
    }
    reportProof(
      `${rounds} erasures killed after 1 to ${MAX_PACKETS} packets to the database, seed ${seed}`,
    );
  },
  timeoutMs,
);

/** Kills the server after it has sent a number of packets to the database since the request. */
async function killErasure(Mode: 'Erase' | 'Anonymise', packets: number): Promise<void> {
  await using closing = new AsyncDisposableStack();
  const { connection } = closing.use(await testDatabase());
  const proxy = closing.use(await openProxy(connection));
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'colloquy-killed-'));
  closing.defer(() => rm(DATA_DIR, { recursive: true }));
  const settings = { DATABASE_URL: urlThrough(proxy.port, connection), DATA_DIR };
  const first = closing.use(await startServer(settings));
  const { BusinessId: businessId } = await first.patient.createBusiness({ Name: 'Killed' });
  const ids = Array.from({ length: CONVERSATIONS }, (_, at) => `call-${at}`);
  await Promise.all(
    ids.map(async (sessionId, at) => {
      const StartTime = '2026-01-01T00:00:00Z';
      await first.patient.putConversation({
        businessId,
        sessionId,
        Status: 'Completed',
        StartTime,
        InitiationType: 'Inbound',
        EndTime: '2026-01-01T00:01:00Z',
        EndType: 'Normal',
        Clients: [{ ClientId: 'c', ClientType: 'Phone', JoinedAt: StartTime, PhoneNumber: NUMBER }],
        Messages: [{ SenderId: 'c', Role: 'User', Content: 'my secret', Timestamp: StartTime }],
      });
      if (at >= WITH_RECORDINGS) return;
      const audio = silence();
      await first.patient.putRecording({
        businessId,
        sessionId,
        participantId: 'c',
        audio,
        contentType: 'audio/wav',
      } as never);
    }),
  );
  // Derived files that are being written count as uploads, which are swept after a day.
  const sql = openPool(connection);
  closing.defer(() => sql.end());
  const peaks = `SELECT FROM recordings WHERE business_id = $1 AND peaks_key IS NOT NULL`;
  await until(async () => (await sql.query(peaks, [businessId])).rowCount === WITH_RECORDINGS);
  const sent = proxy.untilSent(packets);
  const { ErasureId: erasureId } = await first.patient.createErasure({
    businessId,
    PhoneNumber: NUMBER,
    Mode,
    Reason: 'asked',
  });
  // Reads the database, because requests to the server would slow down its jobs.
  const completed = `SELECT FROM erasures WHERE business_id = $1 AND status = 'Completed'`;
  const isDone = async () => (await sql.query(completed, [businessId])).rowCount === 1;
  await Promise.race([sent, until(isDone)]);
  await first.end('SIGKILL');
  const second = closing.use(await startServer(settings));
  await until(isDone);
  expect((await second.patient.getErasure({ businessId, erasureId })).Counts).toMatchObject({
    Conversations: CONVERSATIONS,
    Recordings: WITH_RECORDINGS,
  });
  for (const sessionId of ids) {
    await expect(second.patient.getConversation({ businessId, sessionId })).rejects.toMatchObject({
      status: 410,
    });
  }
  const { TotalCount } = await second.patient.getConversations({ businessId });
  expect(TotalCount).toBe(Mode === 'Erase' ? 0 : CONVERSATIONS);
  expect(await filesIn(join(DATA_DIR, 'recordings'))).toEqual([]);
  for (const text of [NUMBER.slice(1), 'my secret', 'call-7']) {
    expect([text, await tablesContaining({ sql }, businessId, text)]).toEqual([text, []]);
  }
}
