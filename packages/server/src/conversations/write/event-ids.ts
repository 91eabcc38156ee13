/** Remembers which ids a conversation has, in a third of the memory of their texts. */
export class EventIds {
  readonly #hashes = new Set<number>();

  get size(): number {
    return this.#hashes.size;
  }

  add(eventId: string): void {
    this.#hashes.add(hashOf(eventId));
  }

  /** True if the id was added; rarely also for another id with the same hash. */
  mayHave(eventId: string): boolean {
    return this.#hashes.has(hashOf(eventId));
  }
}

/** FNV-1a of the UTF-16 units, 32 bits: a number that V8 stores without an object. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash;
}
