import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, ColloquyError, createClient } from '@colloquy/sdk';
import { expect } from 'vitest';
import { silence } from '../fixtures/kept-calls.ts';
import { nextNumber } from '../fixtures/queue-actions.ts';
import { ADMIN_KEY } from '../servers/server-secrets.ts';
import { Follower } from './live-followers.ts';
import { randomFrom } from './proof.ts';

const WRITERS = 4;
const MAX_MESSAGES = 24;
const MAX_PER_APPEND = 3;
const MAX_PAUSE_MILLISECONDS = 100;
const RETRY_MILLISECONDS = 100;
/** Every so many conversations, one gets a recording, and one is written as a whole. */
const RECORD_EVERY = 7;
const WHOLE_EVERY = 4;
const PAGE = 20;

interface Call {
  readonly businessId: number;
  readonly sessionId: string;
  /** Each is acknowledged before the next is sent. */
  readonly messages: string[];
}

/** Writers, readers, followers and a worker of a call queue, in several businesses. */
export class MixedLoad implements AsyncDisposable {
  readonly done = { events: 0, reads: 0, calls: 0, conversations: 0 };
  readonly #client: Client;
  readonly #businessIds: readonly number[];
  readonly #seed: number;
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;
  readonly #followers: Follower[];
  /** Not yet compared with what is stored. */
  readonly #written: Call[] = [];

  constructor(url: string, businessIds: readonly number[], seed: number) {
    this.#client = createClient({ baseUrl: url, apiKey: ADMIN_KEY, retries: 10 });
    this.#businessIds = businessIds;
    this.#seed = seed;
    this.#followers = businessIds.map((businessId) => new Follower(this.#client, { businessId }));
    const writers = Array.from({ length: WRITERS }, (_, at) => this.#write(at));
    this.#running = Promise.all([...writers, this.#read(), this.#enqueue(), this.#work()]);
    // An error is thrown by `finish`; until then the load goes on with the others.
    this.#running.catch(() => this.#stopping.abort());
  }

  get isFailed(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Ends the load after the requests under way, and compares what was not compared. */
  async finish(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.compare();
  }

  /** Every acknowledged message is stored once and in order. Forgets what was compared. */
  async compare(): Promise<void> {
    for (const { businessId, sessionId, messages } of this.#written.splice(0)) {
      const input = { businessId, sessionId };
      const { Messages } = await this.#insist(() => this.#client.getConversation(input));
      expect(
        Messages.map(({ Content }) => Content),
        sessionId,
      ).toEqual(messages);
      this.done.conversations += 1;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    for (const follower of this.#followers) follower.stop();
    await this.#running.catch(() => undefined);
  }

  async #write(writer: number): Promise<void> {
    const random = randomFrom(this.#seed + 1 + writer);
    for (let count = 0; !this.#stopping.signal.aborted; count += 1) {
      const businessId = this.#businessIds[(writer + count) % this.#businessIds.length] ?? 0;
      const call: Call = { businessId, sessionId: `${writer}-${count}`, messages: [] };
      const messages = 1 + Math.floor(random() * MAX_MESSAGES);
      if (count % WHOLE_EVERY === 0) await this.#put(call, messages);
      else await this.#converse(call, messages, random);
      if (count % RECORD_EVERY === 0) await this.#record(call);
      this.#written.push(call);
    }
  }

  async #converse(call: Call, messages: number, random: () => number): Promise<void> {
    const { businessId, sessionId } = call;
    let sent = 0;
    const append = async (...events: object[]) => {
      const Timestamp = new Date().toISOString();
      const Events = events.map((event) => ({ EventId: `${sent++}`, Timestamp, ...event }));
      const request = { businessId, sessionId, Events: Events as never };
      await this.#insist(() => this.#client.appendConversationEvents(request));
      this.done.events += events.length;
    };
    await append(
      { Type: 'SessionStarted', InitiationType: 'Web' },
      { Type: 'ClientJoined', ClientId: 'c', ClientType: 'Web' },
    );
    while (call.messages.length < messages && !this.#stopping.signal.aborted) {
      const some = Array.from({ length: 1 + Math.floor(random() * MAX_PER_APPEND) }, (_, at) =>
        this.#messageOf(call, call.messages.length + at),
      );
      await append(...some.map((message) => ({ ...message, Type: 'MessageAdded' })));
      call.messages.push(...some.map(({ Content }) => Content));
      await sleep(random() * MAX_PAUSE_MILLISECONDS);
    }
    await append({ Type: 'SessionEnded', EndType: 'Normal' });
  }

  async #put(call: Call, messages: number): Promise<void> {
    const begin = Date.now();
    const at = (n: number) => new Date(begin + n).toISOString();
    const Messages = Array.from({ length: messages }, (_, n) => ({
      ...{ ...this.#messageOf(call, n), Timestamp: at(n) },
    }));
    const request = {
      ...{ businessId: call.businessId, sessionId: call.sessionId, Status: 'Completed', Messages },
      ...{ StartTime: at(0), EndTime: at(messages), EndType: 'Normal', InitiationType: 'Web' },
      Clients: [{ ClientId: 'c', ClientType: 'Web', JoinedAt: at(0) }],
    };
    await this.#insist(() => this.#client.putConversation(request as never));
    call.messages.push(...Messages.map(({ Content }) => Content));
    this.done.events += messages;
  }

  async #record({ businessId, sessionId }: Call): Promise<void> {
    const audio = { audio: silence(), contentType: 'audio/wav' };
    const input = { businessId, sessionId, participantId: 'c', ...audio };
    await this.#insist(() => this.#client.putRecording(input));
  }

  async #read(): Promise<void> {
    const random = randomFrom(this.#seed);
    while (!this.#stopping.signal.aborted) {
      const businessId = this.#businessIds[Math.floor(random() * this.#businessIds.length)] ?? 0;
      const Filter = { SessionStates: ['Completed' as const] };
      const list = () => this.#client.getConversations({ businessId, Filter, Limit: PAGE });
      const { Items } = await this.#insist(list);
      for (const { Id } of Items) {
        const input = { businessId, sessionId: Id };
        await this.#insist(() => this.#client.getConversation(input));
      }
      await this.#insist(() => this.#client.getAudit({ businessId }));
      this.done.reads += Items.length + 2;
      await sleep(random() * MAX_PAUSE_MILLISECONDS);
    }
  }

  async #enqueue(): Promise<void> {
    const random = randomFrom(this.#seed + WRITERS + 1);
    while (!this.#stopping.signal.aborted) {
      for (const businessId of this.#businessIds) {
        const call = { businessId, NumberId: 'n', RecipientNumber: nextNumber() };
        await this.#insist(() => this.#client.initiateCall(call as never));
      }
      await sleep(random() * MAX_PAUSE_MILLISECONDS * 4);
    }
  }

  async #work(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      for (const businessId of this.#businessIds) {
        const request = { businessId, WorkerId: 'w', Max: 8, LeaseSeconds: 60 };
        const { Calls } = await this.#insist(() => this.#client.leaseOutboundCalls(request));
        for (const { QueueId: queueId, LeaseToken } of Calls) {
          const report = { businessId, queueId, LeaseToken };
          await this.#insist(() => this.#client.completeOutboundCall(report));
          this.done.calls += 1;
        }
      }
      await sleep(MAX_PAUSE_MILLISECONDS);
    }
  }

  #messageOf = ({ sessionId }: Call, n: number) => ({
    ...{ SenderId: 'c', Role: 'User', Content: `${sessionId} says ${n}` },
  });

  /** Repeats a request until it is answered, also while all servers are gone. */
  async #insist<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof ColloquyError && error.status < 500) throw error;
        await sleep(RETRY_MILLISECONDS);
      }
    }
  }
}
