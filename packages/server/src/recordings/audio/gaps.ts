/** Less is the jitter of a recorder's clock. */
export const MIN_GAP_SECONDS = 0.1;
/** A small crafted file must not become a copy that fills the disk. */
export const MAX_SILENCE_SECONDS = 4 * 3600;

/**
 * Decides where silence is put into a file. Recorders of WebRTC write nothing while a participant is muted,
 * and only the timestamps of the container tell.
 */
export class Gaps {
  #seconds = 0;

  /** The samples of silence in front of what begins `late` samples after the end of what is before it. */
  take(late: number, rate = 48_000): number {
    const seconds = late / rate;
    if (!(seconds >= MIN_GAP_SECONDS) || this.#seconds + seconds > MAX_SILENCE_SECONDS) return 0;
    this.#seconds += seconds;
    return late;
  }
}
