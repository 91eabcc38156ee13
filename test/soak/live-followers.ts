import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, StreamedEvent } from '@colloquy/sdk';
import { Webhook } from 'standardwebhooks';
import { openStream, type StreamReader } from '../fixtures/event-stream.ts';
import { type Receiver, startReceiver } from '../fixtures/webhook-receiver.ts';

const RETRY_MILLISECONDS = 50;
const OK_STATUS = 200;

/** What a follower was told, by conversation and in order. */
export class Told {
  readonly #of = new Map<string, string[]>();

  add(conversationId: string, what: string): void {
    const told = this.#of.get(conversationId);
    if (told) told.push(what);
    else this.#of.set(conversationId, [what]);
  }

  of(conversationId: string): readonly string[] {
    return this.#of.get(conversationId) ?? [];
  }
}

/** After sealing, events have other ids, so their content tells them apart. */
export const describeEvent = ({ Type, Content }: { Type: string; Content?: unknown }): string =>
  Content === undefined ? Type : `${Type} ${Content}`;

type Input = Parameters<Client['stream']>[0];

/** A stream of the SDK, which continues after each kill. */
export class Follower {
  readonly told = new Told();
  isOpen = false;
  isOver = false;
  readonly #stopping = new AbortController();
  readonly ended: Promise<unknown>;

  constructor(client: Client, input: Input) {
    this.ended = this.#follow(client, input)
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) return error;
      })
      .finally(() => {
        this.isOver = true;
      });
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #follow(client: Client, input: Input): Promise<void> {
    const { signal } = this.#stopping;
    const setOpen = (isOpen: boolean) => {
      this.isOpen = isOpen;
    };
    const options = { signal, onOpen: () => setOpen(true), onLost: () => setOpen(false) };
    for await (const event of client.stream(input, options)) this.#note(event, input);
  }

  #note(event: StreamedEvent, input: Input): void {
    const id = 'ConversationId' in event ? event.ConversationId : null;
    const own = 'sessionId' in input ? String(input.sessionId) : 'reset';
    this.told.add(id ?? own, describeEvent(event));
  }
}

/** Follows without the SDK: it resumes with the id of the last event, as `EventSource` does. */
export async function followRaw(
  url: string,
  { key, told, signal }: { key: string; told: Told; signal: AbortSignal },
): Promise<void> {
  let lastEventId: string | null = null;
  while (!signal.aborted) {
    const opening: Promise<StreamReader | null> = openStream(url, { key, lastEventId });
    const stream = await opening.catch(() => null);
    if (stream?.response.status === OK_STATUS) {
      const stop = () => stream.close();
      signal.addEventListener('abort', stop);
      await stream.untilClosed();
      signal.removeEventListener('abort', stop);
      for (const { event, data } of stream.events) {
        told.add(String(data.ConversationId ?? event), describeEvent({ Type: event, ...data }));
      }
      lastEventId = stream.parser.lastEventId;
    } else await sleep(RETRY_MILLISECONDS);
  }
}

export interface WebhookLog extends AsyncDisposable {
  readonly receiver: Receiver;
  /** The first copy of each message that was accepted, by conversation. */
  readonly told: Told;
  readonly counts: { accepted: number; repeated: number; refused: number };
  /** Messages whose signature is wrong. */
  readonly forged: string[];
  secret: string;
}

const REFUSED_PART = 0.03;
const BROKEN_PART = 0.02;
/** So that many requests are under way when the server is killed. */
const MAX_ANSWER_MILLISECONDS = 200;

/** A receiver that refuses some messages, and closes some connections without an answer. */
export async function openWebhookLog(random: () => number): Promise<WebhookLog> {
  const receiver = await startReceiver();
  const seen = new Set<string>();
  const log: WebhookLog = {
    ...{ receiver, told: new Told(), counts: { accepted: 0, repeated: 0, refused: 0 } },
    ...{ forged: [], secret: '' },
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
  receiver.answer = ({ id, type, data, body, headers }, response) => {
    try {
      new Webhook(log.secret).verify(body, headers as Record<string, string>);
    } catch (error) {
      log.forged.push(`${id}: ${error}`);
    }
    const choice = random();
    if (choice < REFUSED_PART + BROKEN_PART) {
      log.counts.refused += 1;
      if (choice < BROKEN_PART) response.destroy();
      else response.writeHead(503).end();
      return;
    }
    setTimeout(() => response.writeHead(204).end(), random() * MAX_ANSWER_MILLISECONDS);
    log.counts[seen.has(id) ? 'repeated' : 'accepted'] += 1;
    if (!seen.has(id)) log.told.add(String(data.Id), type);
    seen.add(id);
  };
  return log;
}
