import type { Agent } from 'undici';
import { openOutboundAgent } from '../../kernel/outbound-guard.ts';
import { findNext, parkPending, type Settled, setBody } from '../delivery-store.ts';
import type { Policy } from '../events/policy.ts';
import { lockSubjects, renderHappening } from '../events/render.ts';
import type { Delivery, Webhook } from '../webhook.ts';
import { noteFailing, noteSuccess } from '../webhook-store.ts';
import { disableWebhook } from './disable.ts';
import { isGone, NOTHING_TO_SEND, settle } from './outcome.ts';
import { type Answered, sendRequest } from './request.ts';
import type { SendContext } from './send-context.ts';
import { decipherSecrets, isLive, signMessage, type WebhookSecret } from './signature.ts';

/** Requests to one receiver at a time. */
const MAX_PARALLEL = 32;
const PARK_BATCH = 2_000;
const MAX_TIMER_MILLISECONDS = 60_000;
/** A receiver that fails every other time must not fill the log. */
const LOG_MILLISECONDS = 60_000;

interface Opened {
  readonly key: string;
  readonly secrets: readonly WebhookSecret[];
  readonly headers: Readonly<Record<string, string>>;
}

interface SenderOptions {
  readonly businessId: number;
  readonly webhook: Webhook;
  /** Resolves when the attempt is stored. */
  record(settled: Settled): Promise<void>;
  onError(error: unknown): void;
}

/** Sends the deliveries of one webhook, those of a conversation one after the other. */
export class WebhookSender {
  readonly #ctx: SendContext;
  readonly #options: SenderOptions;
  /** Agents whose requests may still end. */
  readonly #replaced = new Set<Agent>();
  readonly #closing = new AbortController();
  /** The deliveries that are being sent, with their subjects. */
  readonly #sending = new Map<string, string>();
  #agent: Agent;
  #webhook: Webhook;
  #opened: Opened | null = null;
  #isFailing: boolean;
  #loggedAt = Number.NEGATIVE_INFINITY;
  #isDirty = false;
  #loading: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(ctx: SendContext, options: SenderOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#webhook = options.webhook;
    this.#isFailing = options.webhook.failingSince !== null;
    this.#agent = this.#openAgent();
  }

  update(webhook: Webhook): void {
    this.#webhook = webhook;
  }

  /** Looks for deliveries that are due. */
  kick(): void {
    if (this.#isClosed) return;
    this.#isDirty = true;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
      if (this.#isDirty) this.kick();
    });
  }

  /** Requests under way get `graceMs` to end. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    const end = performance.now() + graceMs;
    await this.#loading?.catch(() => undefined);
    while (this.#sending.size > 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.#closing.abort();
    await Promise.all([this.#agent, ...this.#replaced].map((agent) => agent.destroy()));
  }

  #openAgent(): Agent {
    const { config, timeoutMs } = this.#ctx;
    const { allowPrivateTargets } = config;
    return openOutboundAgent({ allowPrivateTargets, connections: MAX_PARALLEL, timeoutMs });
  }

  /** Later requests would wait for the connections of an agent that is stuck. */
  #replaceAgent(stuck: Agent): void {
    if (stuck !== this.#agent || this.#isClosed) return;
    this.#agent = this.#openAgent();
    this.#replaced.add(stuck);
    const end = () => {
      this.#replaced.delete(stuck);
      void stuck.destroy();
    };
    setTimeout(end, this.#ctx.timeoutMs).unref();
  }

  async #load(): Promise<void> {
    try {
      while (this.#isDirty && !this.#isClosed) {
        this.#isDirty = false;
        await this.#start();
      }
    } catch (error) {
      this.#isDirty = false;
      this.#options.onError(error);
      this.#kickAt(1_000);
    }
  }

  async #start(): Promise<void> {
    const free = MAX_PARALLEL - this.#sending.size;
    if (free <= 0) return;
    const { businessId } = this.#options;
    const { id, isEnabled } = this.#webhook;
    if (!isEnabled) await this.#park();
    const limits = { sending: [...this.#sending.keys()], limit: free + 1 };
    const found = await findNext(this.#ctx.db, { businessId }, id, limits);
    const now = this.#ctx.clock.now();
    const busy = new Set(this.#sending.values());
    for (const delivery of found.slice(0, free)) {
      const { nextAttemptAt, subjectHash } = delivery;
      if (nextAttemptAt === null || nextAttemptAt > now) break;
      // An erasure may overtake a request that is under way.
      if (busy.has(subjectHash)) continue;
      busy.add(subjectHash);
      this.#sending.set(delivery.id, subjectHash);
      void this.#deliver(delivery);
    }
    const later = found.find(({ nextAttemptAt }) => (nextAttemptAt ?? 0) > now);
    if (later) this.#kickAt((later.nextAttemptAt ?? now) - now);
  }

  async #park(): Promise<void> {
    const { businessId } = this.#options;
    const { db, clock, sent } = this.#ctx;
    const limits = { now: clock.now(), limit: PARK_BATCH };
    const park = () => parkPending(db, { businessId }, this.#webhook.id, limits);
    for (let parked = await park(); parked > 0; parked = await park()) sent.noteParked(parked);
  }

  #kickAt(milliseconds: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const wait = Math.min(Math.max(milliseconds, 1), MAX_TIMER_MILLISECONDS);
    this.#timer = setTimeout(() => this.kick(), wait).unref();
  }

  async #deliver(delivery: Delivery): Promise<void> {
    try {
      const at = this.#ctx.clock.now();
      const policy = await this.#ctx.policyOf(this.#options.businessId, this.#webhook);
      const answered = policy.isDisabled ? null : await this.#attempt(delivery, policy, at);
      if (answered && !this.#closing.signal.aborted) {
        const now = this.#ctx.clock.now();
        const given = { delivery, answered, at, now };
        const settled = settle(given, this.#ctx.config.webhookRetrySeconds);
        await this.#options.record(settled);
        this.#ctx.sent.noteAttempt(settled);
        if (delivery.type !== 'webhook.test') await this.#noteHealth(answered, now);
      }
      this.#sending.delete(delivery.id);
      if (answered) this.kick();
      // Deliveries of a disabled business wait.
      else this.#kickAt(MAX_TIMER_MILLISECONDS);
    } catch (error) {
      this.#sending.delete(delivery.id);
      this.#options.onError(error);
      this.#kickAt(1_000);
    }
  }

  async #attempt(delivery: Delivery, policy: Policy, at: number): Promise<Answered> {
    const body = await this.#bodyOf(delivery, policy);
    return body === null ? NOTHING_TO_SEND : this.#send(delivery, body, at);
  }

  /** The stored body, unless more is masked now; null if what it is about is gone. */
  async #bodyOf(delivery: Delivery, policy: Policy): Promise<string | null> {
    const { businessId } = this.#options;
    const view = policy.viewOf(this.#webhook);
    const isSame = delivery.masking === view.masking || view.masking === '';
    if (delivery.body !== null && (isSame || delivery.subjectId === null)) return delivery.body;
    return this.#ctx.db.transaction(async (tx) => {
      const subjects = await lockSubjects(tx, businessId, [delivery]);
      const body = renderHappening(this.#ctx, view, delivery, subjects);
      if (body === null || delivery.type === 'conversation.erased') return body;
      const { masking } = view;
      return (await setBody(tx, { businessId }, delivery.id, { body, masking })) ? body : null;
    });
  }

  #send({ messageId }: Delivery, body: string, at: number): Promise<Answered> {
    const { timeoutMs, signEd25519 } = this.#ctx;
    const timestamp = Math.floor(at / 1000);
    const opened = this.#open();
    const live = opened.secrets.filter((one) => isLive(one, at)).map(({ secret }) => secret);
    const headers = {
      'user-agent': 'Colloquy-Webhooks',
      ...opened.headers,
      'content-type': 'application/json',
      'webhook-id': messageId,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signMessage({ id: messageId, timestamp, body }, live, signEd25519),
    };
    const { signal } = this.#closing;
    const { url } = this.#webhook;
    const agent = this.#agent;
    const onStuck = () => this.#replaceAgent(agent);
    return sendRequest({ agent, url, headers, body, timeoutMs, signal, onStuck });
  }

  /** Decrypting takes longer than signing. */
  #open(): Opened {
    const { secrets, headers } = this.#webhook;
    const key = `${secrets} ${headers}`;
    if (this.#opened?.key === key) return this.#opened;
    this.#opened = {
      key,
      secrets: decipherSecrets(this.#ctx.secrets, secrets),
      headers: JSON.parse(this.#ctx.secrets.decipher(headers)),
    };
    return this.#opened;
  }

  async #noteHealth(answered: Answered, now: number): Promise<void> {
    const { businessId } = this.#options;
    const { id, isEnabled } = this.#webhook;
    if (answered === NOTHING_TO_SEND) return;
    if (answered.error === null) {
      if (this.#isFailing) await noteSuccess(this.#ctx.db, { businessId }, id);
      this.#isFailing = false;
      return;
    }
    if (!this.#isFailing) this.#logFailing(answered, now);
    this.#isFailing = true;
    if (!isEnabled) return;
    const since = await noteFailing(this.#ctx.db, { businessId }, id, now);
    const limit = this.#ctx.config.webhookDisableAfterSeconds * 1000;
    const reason = isGone(answered)
      ? 'The receiver answered with 410 Gone.'
      : now - since >= limit
        ? `All requests have failed since ${new Date(since).toISOString()}.`
        : null;
    if (reason !== null) await disableWebhook(this.#ctx, businessId, id, reason);
  }

  #logFailing({ error }: Answered, now: number): void {
    if (now - this.#loggedAt < LOG_MILLISECONDS) return;
    this.#loggedAt = now;
    const { businessId } = this.#options;
    const details = { businessId, webhookId: this.#webhook.id, error };
    this.#ctx.log.warn(details, 'a webhook fails; its deliveries are repeated later');
  }
}
