import { LRUCache } from 'lru-cache';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Header } from '../model/conversation.ts';
import type { LiveState } from './live-store.ts';

/** Where a conversation that is not sealed stands. */
export interface LiveConversation {
  readonly header: Header;
  readonly state: LiveState;
}

/**
 * What this process last wrote of the conversations that it appends to, so that an append needs no
 * look-up. It may be out of date: whoever uses it writes only if the version is still the same.
 */
export class LiveCache {
  readonly #entries = new LRUCache<string, LiveConversation>({ max: 5_000 });
  readonly #turns = new Map<string, Promise<unknown>>();

  /** Runs the writers of one conversation one after the other, so that they do not undo each other. */
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

  remember(scope: Scope, id: string, known: LiveConversation): void {
    // Repeats of ids from before a replacement would go unnoticed: those are always looked up.
    if (known.state.hasEarlierIds) this.forget(scope, id);
    else this.#entries.set(key(scope, id), known);
  }

  forget(scope: Scope, id: string): void {
    this.#entries.delete(key(scope, id));
  }
}

function key(scope: Scope, id: string): string {
  return `${scope.businessId} ${id}`;
}
