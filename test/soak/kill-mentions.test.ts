import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tablesContaining } from '../fixtures/kept-calls.ts';
import { type ServerProcess, startServer, until } from '../servers/server-process.ts';
import { openProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { openPool, testDatabase } from '../servers/test-server.ts';
import { proofSettings, randomFrom, reportProof } from './proof.ts';

const MENTIONING = 90;
const OTHERS = 30;
const NUMBER = '+4915112345678';
const SPELLING = '(0151) 123 456 78';
const { rounds, seed, timeoutMs } = proofSettings(2, 60);
/** More packets than a search of this size sends; the erasure sends some per conversation. */
const MAX_PACKETS = { preview: 60, erasure: 900 };

test(
  'a preview and an erasure of mentions that are killed at any point are completed by the next start',
  async () => {
    const random = randomFrom(seed);
    for (let round = 0; round < rounds; round += 1) {
      const kind = round % 2 === 0 ? 'erasure' : 'preview';
      const packets = 1 + Math.floor(random() ** 2 * MAX_PACKETS[kind]);
      await kill(kind, packets).catch((error: unknown) => {
        throw new Error(`round ${round}, seed ${seed}: ${kind}, killed after ${packets} packets`, {
          cause: error,
        });
      });
    }
    reportProof(
      `${rounds} previews and erasures of ${MENTIONING} mentions killed after 1 to ${MAX_PACKETS.erasure} packets to the database, seed ${seed}`,
    );
  },
  timeoutMs,
);

/** Kills the server after it has sent a number of packets to the database since the request. */
async function kill(kind: 'preview' | 'erasure', packets: number): Promise<void> {
  await using closing = new AsyncDisposableStack();
  const { connection } = closing.use(await testDatabase());
  const proxy = closing.use(await openProxy(connection));
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'colloquy-killed-'));
  closing.defer(() => rm(DATA_DIR, { recursive: true }));
  const settings = { DATABASE_URL: urlThrough(proxy.port, connection), DATA_DIR };
  const first = closing.use(await startServer(settings));
  const { BusinessId: businessId } = await first.patient.createBusiness({ Name: 'Killed' });
  await seedCalls(first, businessId);
  const body = { businessId, PhoneNumber: NUMBER, Mode: 'Erase', Reason: 'asked' } as const;
  const sent = proxy.untilSent(packets);
  const look = kind === 'preview' ? await preview(first, body) : await erasure(first, body);
  const sql = openPool(connection);
  closing.defer(() => sql.end());
  // Reads the database, because requests to the server would slow down its jobs.
  const isDone = async () => (await sql.query(look.completed, [businessId])).rowCount === 1;
  await Promise.race([sent, until(isDone)]);
  await first.end('SIGKILL');
  const second = closing.use(await startServer(settings));
  await until(isDone);
  expect(await look.mentions(second)).toBe(MENTIONING);
  if (kind === 'preview') return;
  for (const text of [NUMBER.slice(1), '123 456 78']) {
    expect([text, await tablesContaining({ sql }, businessId, text)]).toEqual([text, []]);
  }
  const { TotalCount } = await second.patient.getConversations({ businessId });
  expect(TotalCount).toBe(MENTIONING + OTHERS);
  const { rows } = await sql.query<{ n: string }>(
    `SELECT count(*) AS n FROM (
       SELECT action FROM audit_entries WHERE business_id = $1
       UNION ALL SELECT action FROM audit_pending WHERE business_id = $1
     ) a WHERE action = 'ConversationMentionErased'`,
    [businessId],
  );
  expect(Number(rows[0]?.n)).toBe(MENTIONING);
}

type Body = Parameters<ServerProcess['patient']['createErasure']>[0];

async function preview({ patient }: ServerProcess, body: Body) {
  const { businessId } = body;
  const { PreviewId: previewId } = await patient.previewErasure(body);
  const read = ({ patient }: ServerProcess) => patient.getErasurePreview({ businessId, previewId });
  return {
    completed: `SELECT FROM erasure_previews WHERE business_id = $1 AND completed_at IS NOT NULL`,
    mentions: async (server: ServerProcess) => (await read(server)).Mentions.length,
  };
}

async function erasure({ patient }: ServerProcess, body: Body) {
  const { businessId } = body;
  const { ErasureId: erasureId } = await patient.createErasure({ ...body, IncludeMentions: true });
  const read = ({ patient }: ServerProcess) => patient.getErasure({ businessId, erasureId });
  return {
    completed: `SELECT FROM erasures WHERE business_id = $1 AND status = 'Completed'`,
    mentions: async (server: ServerProcess) => (await read(server)).Mentions?.Changed,
  };
}

/** Conversations with different spellings of the number, and some without it. */
async function seedCalls({ patient }: ServerProcess, businessId: number): Promise<void> {
  const StartTime = '2026-01-01T00:00:00Z';
  await Promise.all(
    Array.from({ length: MENTIONING + OTHERS }, (_, at) =>
      patient.putConversation({
        ...{ businessId, sessionId: `call-${at}`, StartTime, InitiationType: 'Inbound' },
        ...{ Status: 'Completed', EndTime: '2026-01-01T00:01:00Z', EndType: 'Normal' },
        Metadata: { back: at >= MENTIONING ? 'none' : at % 2 === 0 ? NUMBER : SPELLING },
      }),
    ),
  );
}
