/** Shorter gaps are jitter of the recorder's clock. */
export const MIN_GAP_SECONDS = 0.1;
/** A small crafted file must not become a copy that fills the disk. */
export const MAX_SILENCE_SECONDS = 4 * 3600;

/** WebRTC recorders write nothing while muted; only the container's timestamps show that. */
export class Gaps {
  #seconds = 0;

  /** Returns the silence before data that begins `late` samples after the previous data. */
  take(late: number, rate = 48_000): number {
    const seconds = late / rate;
    if (!(seconds >= MIN_GAP_SECONDS) || this.#seconds + seconds > MAX_SILENCE_SECONDS) return 0;
    this.#seconds += seconds;
    return late;
  }
}
