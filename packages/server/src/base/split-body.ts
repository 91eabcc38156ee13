/**
 * A checked body in two: `rest` is small and stays what it was; of the large parts there is what is
 * stored, as texts, and the little that must be known of those.
 */
export interface SplitBody<Facts> {
  readonly rest: unknown;
  readonly texts: readonly string[];
  /** Copied between threads, so no more than some thousands of short values. */
  readonly facts: Facts;
}

/** How a body is split in a thread, and its parts are put together outside of it. */
export interface Splitting<Body, Facts, Parts> {
  split(body: Body): SplitBody<Facts>;
  join(facts: Facts, texts: readonly string[]): Parts;
}
