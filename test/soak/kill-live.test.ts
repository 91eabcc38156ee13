import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, ColloquyError, createClient } from '@colloquy/sdk';
import { expect, test } from 'vitest';
import { startServer, until } from '../servers/server-process.ts';
import { ADMIN_KEY } from '../servers/server-secrets.ts';
import { openProxy, urlThrough } from '../servers/tcp-proxy.ts';
import { testDatabase } from '../servers/test-server.ts';
import { type FrontDoor, openFrontDoor } from './front-door.ts';
import {
  describeEvent,
  Follower,
  followRaw,
  openWebhookLog,
  Told,
  type WebhookLog,
} from './live-followers.ts';
import { proofSettings, randomFrom, reportProof } from './proof.ts';

const { rounds, seed, timeoutMs } = proofSettings(5, 100);
const WRITERS = 4;
const MAX_MESSAGES = 24;
const MAX_PER_APPEND = 3;
/** Every so many conversations, one is written as a whole. */
const WHOLE_EVERY = 4;
const MAX_PAUSE_MILLISECONDS = 60;
/** More packets than the database gets for the messages of a conversation with its followers. */
const MAX_PACKETS = 600;
const RETRY_MILLISECONDS = 100;
/** A server that starts on a busy machine and a follower that waits for it may take minutes. */
const PATIENT_MINUTES = 3;
const businessId = 7;
const WEBHOOK_TYPES = [
  'conversation.started',
  'conversation.ended',
  'conversation.completed',
] as const;

test(
  'streams and webhooks have every acknowledged event once and in order after kills of the server',
  async () => {
    try {
      await proveKills();
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  },
  timeoutMs,
);

async function proveKills(): Promise<void> {
  await using closing = new AsyncDisposableStack();
  const { connection } = closing.use(await testDatabase());
  const proxy = closing.use(await openProxy(connection));
  const door = closing.use(await openFrontDoor());
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'colloquy-killed-'));
  closing.defer(() => rm(DATA_DIR, { recursive: true }));
  const start = async () => {
    const server = await startServer({
      ...{ DATABASE_URL: urlThrough(proxy.port, connection), DATA_DIR },
      ...{ ALLOW_PRIVATE_TARGETS: '1', SEAL_AFTER_SECONDS: '1' },
      WEBHOOK_RETRY_SECONDS: Array.from({ length: 20 }, () => 1).join(),
    });
    door.leadTo(server.url);
    return server;
  };
  let server = await start();
  closing.defer(() => server[Symbol.asyncDispose]());
  const random = randomFrom(seed);
  const load = closing.use(await LiveLoad.open(door));
  for (let round = 0; round < rounds; round += 1) {
    // Otherwise followers are still on their way, or many of them begin at once.
    if (random() < 0.7) await patiently('followers are connected', () => load.isFollowed());
    await proxy.untilSent(1 + Math.floor(random() ** 2 * MAX_PACKETS));
    await server.end('SIGKILL');
    server = await start();
  }
  await load.finish();
  await load.expectAll();
  const { accepted, repeated, refused } = load.webhooks.counts;
  const streamed = load.calls.reduce((sum, { events }) => sum + events.length, 0);
  reportProof(
    `${rounds} kills, ${load.calls.length} conversations with ${streamed} events in three streams and ` +
      `${accepted} webhooks (${repeated} repeats, ${refused} refused), complete and in order, seed ${seed}`,
  );
}

interface Call {
  readonly id: string;
  /** As followers describe them. Each is acknowledged before the next is sent. */
  readonly events: string[];
  readonly isWhole: boolean;
  follower: Follower | null;
}

class LiveLoad implements AsyncDisposable {
  readonly calls: Call[] = [];
  readonly webhooks: WebhookLog;
  readonly #client: Client;
  readonly #ofBusiness: Follower;
  readonly #raw = new Told();
  readonly #following: Promise<void>;
  readonly #stopping = new AbortController();
  #writers: Promise<unknown> = Promise.resolve();
  #isEnding = false;

  static async open(door: FrontDoor): Promise<LiveLoad> {
    const client = createClient({ baseUrl: door.url, apiKey: ADMIN_KEY, retries: 1_000 });
    const webhooks = await openWebhookLog(randomFrom(seed + WRITERS));
    await client.createBusiness({ BusinessId: businessId, Name: 'Killed' });
    const { Secret } = await client.createWebhook({
      ...{ businessId, Url: webhooks.receiver.url, Events: [...WEBHOOK_TYPES] },
    });
    webhooks.secret = Secret;
    const load = new LiveLoad(client, webhooks, door);
    await until(() => load.#ofBusiness.isOpen);
    const writers = Array.from({ length: WRITERS }, (_, at) => load.#write(at));
    load.#writers = Promise.all(writers);
    load.#writers.catch(() => undefined);
    return load;
  }

  constructor(client: Client, webhooks: WebhookLog, { url }: FrontDoor) {
    this.#client = client;
    this.webhooks = webhooks;
    this.#ofBusiness = new Follower(client, { businessId });
    const since = new Date().toISOString();
    this.#following = followRaw(`${url}/api/v1/business/${businessId}/stream?Since=${since}`, {
      ...{ key: ADMIN_KEY, told: this.#raw, signal: this.#stopping.signal },
    });
  }

  isFollowed(): boolean {
    return [this.#ofBusiness, ...this.calls.flatMap(({ follower }) => follower ?? [])].every(
      ({ isOpen, isOver }) => isOpen || isOver,
    );
  }

  /** Ends the conversations, and waits until followers and webhooks have everything. */
  async finish(): Promise<void> {
    this.#isEnding = true;
    await this.#writers;
    const isTold = (told: Told) => this.calls.every((call) => hasAll(told, call));
    await patiently('the stream of the SDK is complete', () => isTold(this.#ofBusiness.told));
    const types = (call: Call) => this.webhooks.told.of(call.id);
    await patiently('webhooks are complete', () =>
      this.calls.every((call) => types(call).length >= fewestWebhooks(call)),
    );
    await patiently('no webhook is pending', async () => {
      const [webhook] = (await this.#client.getWebhooks({ businessId })).Items;
      const here = { businessId, webhookId: webhook?.WebhookId ?? '', Status: 'Pending' as const };
      return (await this.#client.getWebhookDeliveries(here)).Items.length === 0;
    });
    this.#stop();
    await this.#following;
  }

  async expectAll(): Promise<void> {
    expect(this.webhooks.forged).toEqual([]);
    for (const told of [this.#ofBusiness.told, this.#raw]) expect(told.of('reset')).toEqual([]);
    for (const call of this.calls) {
      const { id, events } = call;
      const { Messages } = await this.#client.getConversation({ businessId, sessionId: id });
      const stored = Messages.map((message) => describeEvent({ ...message, Type: 'MessageAdded' }));
      expect(stored, id).toEqual(events.filter((event) => event.startsWith('MessageAdded')));
      for (const told of [this.#ofBusiness.told, this.#raw, call.follower?.told]) {
        if (told) expect(told.of(id), id).toEqual(events);
      }
      const types = this.webhooks.told.of(id);
      expect(types, id).toEqual(WEBHOOK_TYPES.slice(0, types.length));
      expect(types.length, id).toBeGreaterThanOrEqual(fewestWebhooks(call));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await this.#writers.catch(() => undefined);
    await this.#following;
    await this.webhooks[Symbol.asyncDispose]();
  }

  #stop(): void {
    this.#isEnding = true;
    this.#stopping.abort();
    this.#ofBusiness.stop();
    for (const { follower } of this.calls) follower?.stop();
  }

  /** Writes one conversation after the other. */
  async #write(writer: number): Promise<void> {
    const random = randomFrom(seed + 1 + writer);
    let previous: Call | null = null;
    for (let count = 0; !this.#isEnding; count += 1) {
      const isWhole = count % WHOLE_EVERY === WHOLE_EVERY - 1;
      const call: Call = { id: `${writer}-${count}`, events: [], isWhole, follower: null };
      this.calls.push(call);
      const messages = 1 + Math.floor(random() * MAX_MESSAGES);
      if (isWhole) await this.#put(call, messages);
      else await this.#converse(call, messages, random);
      // Its stream had time for an event too many.
      if (previous) await this.#closeFollower(previous);
      previous = call;
    }
    if (previous) await this.#closeFollower(previous);
  }

  async #closeFollower({ id, events, follower }: Call): Promise<void> {
    if (!follower) return;
    await patiently(`the stream of ${id} is complete`, () => {
      return this.#stopping.signal.aborted || follower.told.of(id).length >= events.length;
    });
    follower.stop();
    expect(await follower.ended).toBeUndefined();
  }

  async #converse(call: Call, messages: number, random: () => number): Promise<void> {
    const begin = Date.now();
    const append = (...events: readonly { Type: string; Content?: string }[]) => {
      const Events = events.map((event, at) => {
        const n = call.events.length + at;
        return { EventId: String(n), Timestamp: new Date(begin + n).toISOString(), ...event };
      });
      call.events.push(...events.map(describeEvent));
      const request = { businessId, sessionId: call.id, Events: Events as never };
      return this.#insist(() => this.#client.appendConversationEvents(request));
    };
    await append(
      { Type: 'SessionStarted', InitiationType: 'Web' } as never,
      { Type: 'ClientJoined', ClientId: 'c', ClientType: 'Web' } as never,
    );
    call.follower = new Follower(this.#client, { businessId, sessionId: call.id });
    for (let said = 0; said < messages && !this.#isEnding; ) {
      const most = Math.min(messages - said, 1 + Math.floor(random() * MAX_PER_APPEND));
      const some = Array.from({ length: most }, (_, at) => messageOf(call, said + at));
      await append(...some.map((one) => ({ ...one, Type: 'MessageAdded' })));
      said += most;
      await sleep(random() * MAX_PAUSE_MILLISECONDS);
    }
    await append({ Type: 'SessionEnded', EndType: 'Normal' } as never);
  }

  async #put(call: Call, messages: number): Promise<void> {
    const begin = Date.now();
    const at = (n: number) => new Date(begin + n).toISOString();
    const Messages = Array.from({ length: messages }, (_, n) => ({
      ...{ ...messageOf(call, n), Timestamp: at(2 + n) },
    }));
    const told = Messages.map((message) => describeEvent({ ...message, Type: 'MessageAdded' }));
    call.events.push('SessionStarted', 'ClientJoined', ...told, 'SessionEnded');
    const request = {
      ...{ businessId, sessionId: call.id, Status: 'Completed', Messages },
      ...{ StartTime: at(0), EndTime: at(2 + messages), EndType: 'Normal', InitiationType: 'Web' },
      Clients: [{ ClientId: 'c', ClientType: 'Web', JoinedAt: at(1) }],
    };
    await this.#insist(() => this.#client.putConversation(request as never));
  }

  /** Sends a write until it is acknowledged, like an engine that must not lose it. */
  async #insist(work: () => Promise<unknown>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await work();
        return;
      } catch (error) {
        if (error instanceof ColloquyError && error.status < 500) throw error;
        await sleep(RETRY_MILLISECONDS);
      }
    }
  }
}

const messageOf = ({ id }: Call, n: number) => ({
  ...{ SenderId: 'c', Role: 'User', Content: `${id} says ${n}` },
});

const hasAll = (told: Told, { id, events }: Call) => told.of(id).length >= events.length;

/** A job seals what was written event by event, once a minute, so the short form may end before. */
const fewestWebhooks = ({ isWhole }: Call) =>
  WEBHOOK_TYPES.length - (isWhole || process.env.SOAK === 'long' ? 0 : 1);

async function patiently(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let minute = 1; ; minute += 1) {
    try {
      await until(condition);
      return;
    } catch (error) {
      if (minute === PATIENT_MINUTES) throw new Error(`not in time: ${what}`, { cause: error });
    }
  }
}
