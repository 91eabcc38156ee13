type Step =
  | { readonly kind: 'session' }
  | { readonly kind: 'see' | 'place' | 'delete'; readonly id: string };

/**
 * The order of the items of a conversation. An item names the one before it when it is inserted; its
 * events may come before those of that one, or be missing.
 */
export class ItemOrder {
  readonly #steps: Step[] = [];
  /** In the order in which they are mentioned. */
  readonly #seen = new Set<string>();
  readonly #previous = new Map<string, string | null>();

  /** Items without a predecessor are the first ones of their session. */
  startSession(): void {
    this.#steps.push({ kind: 'session' });
  }

  /** An item that never names a known predecessor follows the one that was seen before it. */
  see(id: string): void {
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    this.#steps.push({ kind: 'see', id });
  }

  /** Null: nothing precedes it. The first call for an item counts. */
  place(id: string, previous: string | null): void {
    this.see(id);
    if (this.#previous.has(id)) return;
    this.#previous.set(id, previous);
    this.#steps.push({ kind: 'place', id });
  }

  /** It keeps its place; later items are inserted after it, because they come after it in time. */
  delete(id: string): void {
    this.#steps.push({ kind: 'delete', id });
  }

  hasPlace(id: string): boolean {
    return this.#previous.has(id);
  }

  ids(): string[] {
    const list = new InsertionList();
    let lastSeen: string | null = null;
    for (const step of this.#steps) {
      if (step.kind === 'session') list.startSession();
      else if (step.kind === 'delete') list.delete(step.id);
      else if (step.kind === 'place' && this.#isChained(step.id)) {
        list.insert(step.id, this.#previous.get(step.id) ?? null);
      } else if (step.kind === 'see') {
        if (!this.#isChained(step.id)) list.insert(step.id, lastSeen);
        lastSeen = step.id;
      }
    }
    // Items that wait for each other; those that others wait for by their names come first.
    const unchained = [...this.#seen].filter((id) => !this.#isChained(id));
    for (const id of [...unchained, ...this.#seen]) list.append(id);
    return list.ids;
  }

  #isChained(id: string): boolean {
    const previous = this.#previous.get(id);
    return previous === null || (previous !== undefined && this.#seen.has(previous));
  }
}

/** A linked list, with a marker at the beginning of each session. */
class InsertionList {
  readonly #next = new Map<string, string | undefined>();
  readonly #deleted = new Set<string>();
  readonly #waiting = new Map<string, string[]>();
  readonly #sessions: string[] = [];
  #last = '';

  constructor() {
    this.startSession();
  }

  startSession(): void {
    const marker = `\0${this.#sessions.length}`;
    this.#sessions.push(marker);
    this.#add(marker, this.#last);
  }

  delete(id: string): void {
    this.#deleted.add(id);
  }

  /** If `previous` is not there yet, once it is. Null: at the beginning of the session. */
  insert(id: string, previous: string | null): void {
    const before = previous ?? this.#sessions.at(-1) ?? '';
    if (this.#next.has(before)) this.#add(id, before);
    else if (!this.#waiting.get(before)?.push(id)) this.#waiting.set(before, [id]);
  }

  append(id: string): void {
    this.#add(id, this.#last);
  }

  get ids(): string[] {
    const ids: string[] = [];
    const markers = new Set(this.#sessions);
    for (let id = this.#sessions[0]; id !== undefined; id = this.#next.get(id)) {
      if (!markers.has(id)) ids.push(id);
    }
    return ids;
  }

  /** With the items that wait for it. */
  #add(id: string, previous: string): void {
    const due = [[id, previous] as const];
    for (const [added, before] of due) {
      if (this.#next.has(added)) continue;
      this.#link(added, before);
      for (const next of this.#waiting.get(added) ?? []) due.push([next, added]);
    }
  }

  #link(id: string, previous: string): void {
    let before = previous;
    for (let next = this.#next.get(before); next !== undefined; next = this.#next.get(next)) {
      if (!this.#deleted.has(next)) break;
      before = next;
    }
    this.#next.set(id, this.#next.get(before));
    this.#next.set(before, id);
    if (this.#last === before) this.#last = id;
  }
}
