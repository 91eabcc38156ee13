import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@colloquy/sdk';
import type pg from 'pg';
import { expect, test } from 'vitest';
import { nodeOf, splitAddress } from '../../servers/citus.ts';
import { run } from '../../servers/postgres.ts';
import { startServer, until } from '../../servers/server-process.ts';
import { ADMIN_KEY } from '../../servers/server-secrets.ts';
import { testDatabase } from '../../servers/test-server.ts';
import { Follower } from '../../soak/live-followers.ts';
import { proofSettings, randomFrom, reportProof } from '../../soak/proof.ts';

const { rounds, seed, timeoutMs } = proofSettings(2, 12);
const CLIENTS = 8;
const BUSINESSES = [1001, 1002, 1003, 1004];
/** A client goes on to a new conversation after so many messages. */
const MESSAGES = 200;

test(
  'appends while shards move and a business gets a shard of its own: nothing is lost or doubled',
  async () => {
    try {
      await proveMoves();
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  },
  timeoutMs,
);

async function proveMoves(): Promise<void> {
  await using closing = new AsyncDisposableStack();
  const { connection } = closing.use(await testDatabase());
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'colloquy-moved-'));
  closing.defer(() => rm(DATA_DIR, { recursive: true }));
  const DATABASE_URL = connection.connectionString ?? '';
  const server = closing.use(await startServer({ DATABASE_URL, DATA_DIR }));
  const client = createClient({ baseUrl: server.url, apiKey: ADMIN_KEY });
  for (const BusinessId of BUSINESSES) await client.createBusiness({ BusinessId, Name: 'Moved' });
  const load = new Load(client);
  await until(() => load.written > CLIENTS);

  const random = randomFrom(seed);
  const moves = { moved: 0, isolated: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const businessId = BUSINESSES[Math.floor(random() * BUSINESSES.length)] ?? 0;
    // Each business can get a shard of its own once.
    if (round % 3 === 1 && moves.isolated < BUSINESSES.length) {
      await isolate(connection, BUSINESSES[moves.isolated] ?? 0);
      moves.isolated += 1;
    } else {
      await moveToAnother(connection, businessId);
      moves.moved += 1;
    }
    // Each move has appends before and after it.
    const { written } = load;
    await until(() => load.written > written + 10 * CLIENTS);
  }
  await run(connection, (sql) => sql.query('SELECT rebalance_table_shards()'));
  await load.finish();
  await load.expectAll();
  reportProof(
    `${moves.moved} moves of shards, ${moves.isolated} businesses isolated and 1 rebalance while ${CLIENTS} clients ` +
      `appended ${load.written} times in ${BUSINESSES.length} businesses: nothing lost, doubled or out of order; ` +
      `the longest append took ${(load.longestMs / 1000).toFixed(1)} s with the SDK's retries, seed ${seed}`,
  );
}

async function moveToAnother(connection: pg.ClientConfig, businessId: number): Promise<void> {
  const from = await nodeOf(connection, businessId);
  await run(connection, async (sql) => {
    const { rows } = await sql.query<{ address: string }>(
      `SELECT nodename || ':' || nodeport AS address FROM pg_dist_node
       WHERE shouldhaveshards AND nodename || ':' || nodeport <> $1 LIMIT 1`,
      [from],
    );
    const places = [from, rows[0]?.address ?? ''].map(splitAddress);
    await sql.query(
      `SELECT citus_move_shard_placement(
         get_shard_id_for_distribution_column('conversations', $1::bigint), $2, $3, $4, $5)`,
      [businessId, ...places.flatMap(({ host, port }) => [host, port])],
    );
  });
}

// Without blocking writes, Citus waits forever if a row is updated before the new shard has its key.
const isolate = (connection: pg.ClientConfig, businessId: number) =>
  run(connection, (sql) =>
    sql.query(
      `SELECT isolate_tenant_to_new_shard('conversations', $1::bigint, 'CASCADE',
         shard_transfer_mode := 'block_writes')`,
      [businessId],
    ),
  );

interface Call {
  readonly businessId: number;
  readonly sessionId: string;
  /** As followers describe them; each is acknowledged before the next is sent. */
  readonly events: string[];
}

/** Clients that append one message after the other, and followers of all businesses. */
class Load {
  readonly #client: Client;
  readonly #calls: Call[] = [];
  readonly #followers: Follower[];
  readonly #writing: Promise<unknown>;
  #isEnding = false;
  written = 0;
  longestMs = 0;

  constructor(client: Client) {
    this.#client = client;
    this.#followers = BUSINESSES.map((businessId) => new Follower(client, { businessId }));
    this.#writing = Promise.all(Array.from({ length: CLIENTS }, (_, at) => this.#write(at)));
    this.#writing.catch(() => undefined);
  }

  async #write(at: number): Promise<void> {
    await until(() => this.#followers.every(({ isOpen }) => isOpen));
    const businessId = BUSINESSES[at % BUSINESSES.length] ?? 0;
    for (let number = 0; !this.#isEnding; number += 1) {
      const call: Call = { businessId, sessionId: `c${at}-${number}`, events: [] };
      this.#calls.push(call);
      const Timestamp = new Date().toISOString();
      const start = { Timestamp, EventId: 'start', InitiationType: 'Web' } as const;
      await this.#append(call, { ...start, Type: 'SessionStarted' }, 'SessionStarted');
      for (let message = 0; message < MESSAGES && !this.#isEnding; message += 1) {
        const Content = `${message}`;
        const said = { Type: 'MessageAdded', EventId: Content, Role: 'User', SenderId: 'ann' };
        await this.#append(call, { ...said, Timestamp, Content }, `MessageAdded ${Content}`);
      }
    }
  }

  async #append({ businessId, sessionId, events }: Call, event: object, as: string) {
    const begin = performance.now();
    await this.#client.appendConversationEvents({
      ...{ businessId, sessionId },
      Events: [event] as never,
    });
    this.longestMs = Math.max(this.longestMs, performance.now() - begin);
    events.push(as);
    this.written += 1;
  }

  async finish(): Promise<void> {
    this.#isEnding = true;
    await this.#writing;
  }

  async expectAll(): Promise<void> {
    for (const { businessId, sessionId, events } of this.#calls) {
      const { Messages } = await this.#client.getConversation({ businessId, sessionId });
      expect(Messages?.map(({ Content }) => `MessageAdded ${Content}`)).toEqual(events.slice(1));
      const told = () => this.#followers[BUSINESSES.indexOf(businessId)]?.told.of(sessionId) ?? [];
      await until(() => told().length >= events.length);
      expect(told()).toEqual(events);
    }
    for (const follower of this.#followers) follower.stop();
  }
}
