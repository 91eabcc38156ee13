import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, ColloquyError } from '@colloquy/sdk';
import { expect, test } from 'vitest';
import { copyPreparedCluster } from '../servers/postgres.ts';
import { postmasterOf, type ServerProcess, startServer, until } from '../servers/server-process.ts';
import { proofSettings, randomFrom, reportProof } from './proof.ts';

const { rounds, seed, timeoutMs } = proofSettings(2, 31);
const WRITERS = 6;
const MAX_ACKNOWLEDGED = 150;
const businessId = 7;

/** The writes that clients got an acknowledgement for. */
interface Acknowledged {
  /** The contents of messages, in order, by conversation. */
  readonly messages: Map<string, string[]>;
  readonly written: Set<string>;
  readonly calls: Set<string>;
}

test(
  'every acknowledged write is stored after the server or its database is killed',
  async () => {
    await using closing = new AsyncDisposableStack();
    const DATA_DIR = await mkdtemp(join(tmpdir(), 'colloquy-killed-'));
    closing.defer(() => rm(DATA_DIR, { recursive: true, force: true, maxRetries: 10 }));
    await copyPreparedCluster(DATA_DIR);
    const random = randomFrom(seed);
    const all: Acknowledged = { messages: new Map(), written: new Set(), calls: new Set() };
    let acknowledged = 0;
    let server = await startServer({ DATA_DIR, DEMO: '0' });
    closing.defer(() => server[Symbol.asyncDispose]());
    await server.admin.createBusiness({ BusinessId: businessId, Name: 'Killed' });
    for (let round = 0; round < rounds; round += 1) {
      const goal = acknowledged + 1 + Math.floor(random() * MAX_ACKNOWLEDGED);
      const { patient } = server;
      const stopping = new AbortController();
      const writers = Array.from({ length: WRITERS }, (_, at) =>
        write(patient, `${round}-${at}`, all, () => {
          acknowledged += 1;
          return !stopping.signal.aborted;
        }),
      );
      await Promise.race([until(() => acknowledged >= goal), Promise.all(writers)]);
      await kill(server, DATA_DIR, random());
      stopping.abort();
      await Promise.all(writers);
      server = await startServer({ DATA_DIR, DEMO: '0' });
      await expectAll(server.patient, all);
    }
    reportProof(
      `${rounds} kills under load, ${acknowledged} acknowledged writes, none lost, seed ${seed}`,
    );
  },
  timeoutMs,
);

/** Kills the server, its database, or both. A server whose database was killed is then killed too. */
async function kill(server: ServerProcess, dataDir: string, choice: number): Promise<void> {
  if (choice < 0.5) process.kill(await postmasterOf(dataDir), 'SIGKILL');
  await server.end('SIGKILL');
}

/** Writes sequentially until a write fails. */
async function write(
  admin: Client,
  name: string,
  all: Acknowledged,
  onAcknowledged: () => boolean,
): Promise<void> {
  const StartTime = new Date().toISOString();
  const said: string[] = [];
  const sessionId = `live-${name}`;
  try {
    const start = { EventId: 'start', Type: 'SessionStarted', Timestamp: StartTime } as const;
    const Events = [{ ...start, InitiationType: 'Web' as const }];
    await admin.appendConversationEvents({ businessId, sessionId, Events });
    all.messages.set(sessionId, said);
    for (let count = 0; onAcknowledged(); count += 1) {
      const Content = `${name} ${count}`;
      const message = { SenderId: 'c', Role: 'User', Content, Timestamp: StartTime } as const;
      const event = { EventId: `message-${count}`, Type: 'MessageAdded', ...message } as const;
      await admin.appendConversationEvents({ businessId, sessionId, Events: [event] });
      said.push(Content);
      if (!onAcknowledged()) return;
      const id = `whole-${name}-${count}`;
      await admin.putConversation({
        ...{ businessId, sessionId: id, Status: 'Completed', StartTime, EndTime: StartTime },
        ...{ EndType: 'Normal', InitiationType: 'Web', Messages: [message] },
        Clients: [{ ClientId: 'c', ClientType: 'Web', JoinedAt: StartTime }],
      });
      all.written.add(id);
      if (!onAcknowledged()) return;
      const RecipientNumber = `+4930${100_000 + (count % 1000)}`;
      const call = { businessId, NumberId: 'n', RecipientNumber } as never;
      const { QueueIds } = await admin.initiateCall(call);
      for (const queueId of QueueIds) if (queueId !== null) all.calls.add(queueId);
    }
  } catch (error) {
    // The server was killed, so this write may or may not be stored. A refusal would be a bug.
    if (error instanceof ColloquyError && error.status < 500) throw error;
  }
}

/** One unacknowledged write may be stored too, because its answer was lost. */
async function expectAll(admin: Client, all: Acknowledged): Promise<void> {
  const conversations = new Set<string>();
  const pages = admin.items('getConversations', { businessId, Limit: 100 });
  for await (const { Id } of pages) conversations.add(Id);
  const { TotalCount } = await admin.getConversations({ businessId, Limit: 1 });
  expect(TotalCount).toBe(conversations.size);
  expect([...all.written].filter((id) => !conversations.has(id))).toEqual([]);
  for (const [sessionId, said] of all.messages) {
    const { Messages } = await admin.getConversation({ businessId, sessionId });
    const stored = Messages.map(({ Content }) => Content);
    expect(stored.slice(0, said.length)).toEqual(said);
    expect(stored.length).toBeLessThanOrEqual(said.length + 1);
  }
  const calls = new Set<string>();
  const entries = admin.items('getOutboundQueues', { businessId, Limit: 100 });
  for await (const { QueueId } of entries) calls.add(QueueId);
  expect([...all.calls].filter((id) => !calls.has(id))).toEqual([]);
}
