import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { testDatabase } from '../house.ts';
import { silence, whereIs } from '../kept-calls.ts';
import { startServer, until } from '../server-process.ts';
import { openProxy, urlThrough } from '../tcp-proxy.ts';

const CONVERSATIONS = 40;
const WITH_RECORDINGS = 10;
const NUMBER = '+4915112345678';

/** The blobs below a folder; the mark of whose they are is none. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return files.filter((name) => name !== 'owner');
}

test.each([
  ['Erase', 25],
  ['Anonymise', 80],
  ['Erase', 200],
] as const)('%s goes on where it was, killed %d ms after it was asked for', async (Mode, delay) => {
  await using closing = new AsyncDisposableStack();
  const { connection } = closing.use(await testDatabase());
  const proxy = closing.use(await openProxy(connection));
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'colloquy-killed-'));
  closing.defer(() => rm(DATA_DIR, { recursive: true }));
  const settings = { DATABASE_URL: urlThrough(proxy.port, connection), DATA_DIR };
  const first = closing.use(await startServer(settings));
  const { BusinessId: businessId } = await first.admin.createBusiness({ Name: 'Killed' });
  const ids = Array.from({ length: CONVERSATIONS }, (_, at) => `call-${at}`);
  await Promise.all(
    ids.map(async (sessionId, at) => {
      const StartTime = '2026-01-01T00:00:00Z';
      await first.admin.putConversation({
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
      await first.admin.putRecording({
        businessId,
        sessionId,
        participantId: 'c',
        audio,
        contentType: 'audio/wav',
      } as never);
    }),
  );
  // What is being made of a recording meanwhile is an upload, which is swept after a day.
  const participantId = 'c';
  const peaks = (sessionId: string) =>
    first.admin.getRecordingPeaks({ businessId, sessionId, participantId }).then(
      () => true,
      () => false,
    );
  for (const sessionId of ids.slice(0, WITH_RECORDINGS)) {
    await until(() => peaks(sessionId));
  }
  const { ErasureId: erasureId } = await first.admin.createErasure({
    businessId,
    PhoneNumber: NUMBER,
    Mode,
    Reason: 'asked',
  });
  await sleep(delay);
  await first.end('SIGKILL');
  const second = closing.use(await startServer(settings));
  const look = () => second.admin.getErasure({ businessId, erasureId });
  await until(async () => (await look()).Status === 'Completed');
  expect((await look()).Counts).toMatchObject({
    Conversations: CONVERSATIONS,
    Recordings: WITH_RECORDINGS,
  });
  for (const sessionId of ids) {
    await expect(second.admin.getConversation({ businessId, sessionId })).rejects.toMatchObject({
      status: 410,
    });
  }
  const { TotalCount } = await second.admin.getConversations({ businessId });
  expect(TotalCount).toBe(Mode === 'Erase' ? 0 : CONVERSATIONS);
  expect(await filesIn(join(DATA_DIR, 'recordings'))).toEqual([]);
  const sql = new pg.Pool(connection);
  closing.defer(() => sql.end());
  for (const text of [NUMBER.slice(1), 'my secret', 'call-7']) {
    expect([text, await whereIs({ sql }, businessId, text)]).toEqual([text, []]);
  }
});
