import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Scope, systemScope } from '../access/authorization/scope.ts';
import { subjectOf } from '../changes/change.ts';
import { changesTopic, numberBusiness } from '../changes/log.ts';
import { findChanges, findRange } from '../changes/log-store.ts';
import { type FilteredFacts, findFacts } from '../conversations/read/events-store.ts';
import type { Notifier } from '../kernel/postgres/notifier.ts';
import { expandRows, Histories } from './expand.ts';
import type { HistoryContext } from './history.ts';
import type { Item } from './item.ts';
import { renderInTurns } from './sender.ts';

export interface Batch {
  readonly items: readonly Item[];
  /** Of the conversations, if a follower has a filter. */
  readonly facts: ReadonlyMap<string, FilteredFacts>;
  /** Everything up to here is now known. */
  readonly position: number;
}

export interface HubFollower {
  /** null: all of the business. */
  readonly conversationId: string | null;
  readonly needsFacts: boolean;
  deliver(batch: Batch): void;
}

export type HubContext = HistoryContext & { readonly notifier: Notifier; readonly log: Logger };

const ROWS_AT_ONCE = 500;
/** Between looks at the log: most of the work of a busy business is for each look, not for each change. */
const PACE_MILLISECONDS = 5;

/** Reads the change log of a business once for all its followers in this process. */
export class Hub {
  readonly #ctx: HubContext;
  readonly #scope: Scope;
  readonly #all = new Set<HubFollower>();
  readonly #byConversation = new Map<string, Set<HubFollower>>();
  readonly #histories: Histories;
  #position = 0;
  #stop: AbortController | null = null;
  #isClosed = false;
  /** Resolves when everything that commits from now on will be delivered. */
  readonly ready: Promise<void>;

  constructor(ctx: HubContext, businessId: number) {
    this.#ctx = ctx;
    this.#scope = systemScope(businessId);
    this.#histories = new Histories(ctx, this.#scope);
    this.ready = this.#begin();
  }

  get isFollowed(): boolean {
    return this.#all.size > 0 || this.#byConversation.size > 0;
  }

  /** Batches after this position are delivered. */
  get position(): number {
    return this.#position;
  }

  add(follower: HubFollower): void {
    const { conversationId } = follower;
    if (conversationId === null) {
      this.#all.add(follower);
      return;
    }
    const others = this.#byConversation.get(conversationId) ?? new Set();
    this.#byConversation.set(conversationId, others.add(follower));
  }

  remove(follower: HubFollower): void {
    const { conversationId } = follower;
    if (conversationId === null) {
      this.#all.delete(follower);
      return;
    }
    const others = this.#byConversation.get(conversationId);
    others?.delete(follower);
    if (others?.size === 0) this.#byConversation.delete(conversationId);
  }

  close(): void {
    this.#isClosed = true;
    this.#stop?.abort();
  }

  async #begin(): Promise<void> {
    const { db } = this.#ctx;
    await numberBusiness(db, this.#scope.businessId);
    this.#position = (await findRange(db, this.#scope)).last;
    void this.#run();
  }

  async #run(): Promise<void> {
    const { notifier, log } = this.#ctx;
    const topic = changesTopic(this.#scope.businessId);
    while (!this.#isClosed && !notifier.isClosed) {
      const stop = new AbortController();
      this.#stop = stop;
      // Before reading, so no notification meanwhile is missed.
      const notified = notifier.wait(topic, notifier.lookAgainMs, stop.signal);
      const next = performance.now() + PACE_MILLISECONDS;
      try {
        while ((await this.#step()) && !this.#isClosed);
      } catch (error) {
        log.warn({ err: error }, 'streams could not read the change log; retrying');
      }
      await notified;
      const early = next - performance.now();
      if (early > 0) await sleep(early);
    }
  }

  /** True if there may be more. */
  async #step(): Promise<boolean> {
    const { db } = this.#ctx;
    await numberBusiness(db, this.#scope.businessId);
    const rows = await findChanges(db, this.#scope, this.#position, ROWS_AT_ONCE);
    const last = rows.at(-1);
    if (!last) return false;
    const wanted = rows.filter(
      (row) => this.#all.size > 0 || this.#byConversation.has(subjectOf(this.#ctx.secrets, row)),
    );
    const items = await expandRows(this.#ctx, this.#scope, wanted, this.#histories);
    await renderInTurns(items);
    const isFiltered = [...this.#all].some(({ needsFacts }) => needsFacts);
    const facts = isFiltered ? await factsOf(this.#ctx, this.#scope, items) : NO_FACTS;
    this.#position = last.position;
    this.#deliver({ items, facts, position: last.position });
    return rows.length === ROWS_AT_ONCE;
  }

  #deliver(batch: Batch): void {
    for (const follower of [...this.#all]) follower.deliver(batch);
    if (this.#byConversation.size === 0) return;
    const { facts, position } = batch;
    for (const [id, items] of Map.groupBy(batch.items, ({ conversationId }) => conversationId)) {
      const own = { items, facts, position };
      for (const follower of [...(this.#byConversation.get(id) ?? [])]) follower.deliver(own);
    }
  }
}

export const NO_FACTS: Batch['facts'] = new Map();

export async function factsOf(
  { db }: HistoryContext,
  scope: Scope,
  items: readonly Item[],
): Promise<Batch['facts']> {
  const ids = [...new Set(items.map(({ conversationId }) => conversationId))];
  if (ids.length === 0) return NO_FACTS;
  const facts = await findFacts(db, scope, ids);
  return new Map(facts.map((one) => [one.id, one]));
}
