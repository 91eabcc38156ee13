import { changesTopic } from '../../changes/log.ts';
import { settleDeliveries } from '../delivery-store.ts';
import { dispatchChanges } from '../events/dispatch.ts';
import { type Webhook, webhooksTopic } from '../webhook.ts';
import { AttemptRecorder } from './attempt-recorder.ts';
import type { SendContext } from './send-context.ts';
import { WebhookSender } from './sender.ts';

/** The runner of all businesses looks more often. */
const WAIT_MILLISECONDS = 60_000;
const RETRY_MILLISECONDS = 1_000;

type Wake = 'changes' | 'webhooks';

/** Makes and sends the deliveries of one business. Only one process does so at a time. */
export class BusinessRunner {
  readonly #ctx: SendContext;
  readonly #businessId: number;
  readonly #senders = new Map<string, WebhookSender>();
  readonly #recorder: AttemptRecorder;
  #waiting = new AbortController();
  #wakes = new Set<Wake>(['changes', 'webhooks']);
  #isClosed = false;
  readonly #finished: Promise<void>;

  constructor(ctx: SendContext, businessId: number) {
    this.#ctx = ctx;
    this.#businessId = businessId;
    this.#recorder = new AttemptRecorder((settled) =>
      settleDeliveries(ctx.db, { businessId }, ctx.clock.now(), settled),
    );
    this.#finished = this.#run();
  }

  /** Looks for changes and for deliveries that are due. */
  kick(): void {
    this.#wakes.add('changes').add('webhooks');
    this.#waiting.abort();
    // At once: a look-up of changes may be under way, or be failing again and again.
    for (const sender of this.#senders.values()) sender.kick();
  }

  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    this.#waiting.abort();
    await this.#finished;
    await Promise.all([...this.#senders.values()].map((sender) => sender.close(graceMs)));
    await this.#recorder.close();
  }

  async #run(): Promise<void> {
    while (!this.#isClosed && !this.#ctx.notifier.isClosed) {
      this.#waiting = new AbortController();
      // Before reading: a change that is committed meanwhile ends the wait.
      const woken = this.#wait(this.#waiting);
      try {
        await this.#work();
        if (this.#wakes.size === 0) await woken;
      } catch (error) {
        this.#onError(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
        this.#wakes.add('changes').add('webhooks');
      }
      this.#waiting.abort();
      await woken;
    }
  }

  async #wait(waiting: AbortController): Promise<void> {
    const { notifier } = this.#ctx;
    const until = async (topic: string, wake: Wake) => {
      await notifier.wait(topic, WAIT_MILLISECONDS, waiting.signal);
      if (!waiting.signal.aborted) this.#wakes.add(wake);
    };
    await Promise.race([
      until(changesTopic(this.#businessId), 'changes'),
      until(webhooksTopic(this.#businessId), 'webhooks'),
    ]);
  }

  async #work(): Promise<void> {
    const wakes = new Set(this.#wakes);
    this.#wakes.clear();
    const looksAtUploads = wakes.has('webhooks');
    for (let hasMore = true; hasMore && !this.#isClosed; ) {
      const dispatched = await dispatchChanges(this.#ctx, this.#businessId, { looksAtUploads });
      this.#update(dispatched.webhooks);
      for (const id of dispatched.receivers) this.#senders.get(id)?.kick();
      hasMore = dispatched.hasMore;
    }
    if (looksAtUploads) for (const sender of this.#senders.values()) sender.kick();
  }

  #update(webhooks: readonly Webhook[]): void {
    const ids = new Set(webhooks.map(({ id }) => id));
    for (const [id, sender] of this.#senders) {
      if (ids.has(id)) continue;
      this.#senders.delete(id);
      void sender.close(0).catch((error: unknown) => this.#onError(error));
    }
    for (const webhook of webhooks) {
      const known = this.#senders.get(webhook.id);
      if (known) known.update(webhook);
      else this.#senders.set(webhook.id, this.#openSender(webhook));
    }
  }

  #openSender(webhook: Webhook): WebhookSender {
    return new WebhookSender(this.#ctx, {
      businessId: this.#businessId,
      webhook,
      record: (settled) => this.#recorder.record(settled),
      onError: (error) => this.#onError(error),
    });
  }

  #onError(error: unknown): void {
    const { log } = this.#ctx;
    log.warn({ err: error, businessId: this.#businessId }, 'webhooks failed; trying again');
  }
}
