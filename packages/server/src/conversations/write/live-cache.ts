import { LRUCache } from 'lru-cache';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Header } from '../model/conversation.ts';
import type { EventIds } from './event-ids.ts';
import type { LiveState } from './live-store.ts';

export interface KnownConversation {
  readonly header: Header;
  readonly state: LiveState;
  /** Of all its events. */
  readonly ids: EventIds;
}

export interface LiveConversation extends KnownConversation {
  /** Other servers write too, so the state is probably stale; a look-up costs less than a refused write. */
  readonly isShared: boolean;
}

const MAX_CONVERSATIONS = 5_000;
/** About 12 MiB. */
const MAX_IDS = 500_000;

/** Saves appends a look-up. The state may be stale: writers must check the version. */
export class LiveCache {
  readonly #entries = new LRUCache<string, LiveConversation>({
    max: MAX_CONVERSATIONS,
    maxSize: MAX_IDS,
    sizeCalculation: ({ ids }) => ids.size + 1,
  });
  readonly #turns = new Map<string, Promise<unknown>>();

  /** Serializes the writers of one conversation to avoid conflicts. */
  async inTurn<T>(scope: Scope, id: string, work: () => Promise<T>): Promise<T> {
    const turn = key(scope, id);
    const before = this.#turns.get(turn);
    const mine = before ? before.then(work, work) : work();
    this.#turns.set(turn, mine);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(turn) === mine) this.#turns.delete(turn);
    }
  }

  get(scope: Scope, id: string): LiveConversation | undefined {
    return this.#entries.get(key(scope, id));
  }

  set(scope: Scope, id: string, known: LiveConversation): void {
    // Otherwise repeats of ids from before a replacement would go unnoticed.
    if (known.state.hasEarlierIds) this.evict(scope, id);
    else this.#entries.set(key(scope, id), known);
  }

  evict(scope: Scope, id: string): void {
    this.#entries.delete(key(scope, id));
  }
}

function key(scope: Scope, id: string): string {
  return `${scope.businessId} ${id}`;
}
