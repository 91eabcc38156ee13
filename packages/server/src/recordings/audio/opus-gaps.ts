/** A tenth of a second at 48 kHz; less is the jitter of a recorder's clock. */
const MIN_GAP = 4_800;
/** Four hours: a small crafted file must not become a copy that fills the disk. */
const MAX_SILENCE = 4 * 3600 * 48_000;

/**
 * Decides where silence is put into a file of Opus. Recorders of WebRTC write nothing while a participant
 * is muted, and only the timestamps of the container tell. Samples are at 48 kHz.
 */
export class OpusGaps {
  #silence = 0;

  /** The silence to put in front of what begins so many samples after the end of what is before it. */
  take(late: number): number {
    if (!(late >= MIN_GAP) || this.#silence + late > MAX_SILENCE) return 0;
    this.#silence += late;
    return late;
  }
}

const NO_GRANULE = 0xffff_ffff_ffff_ffffn;

export interface OpusPageTime {
  /** Samples of silence in front of the packets of the page. */
  readonly gap: number;
  /** Samples to leave out at their end. */
  readonly surplus: number;
}

/** Where the pages of a stream of Opus in Ogg play, by their granule positions (RFC 7845, section 4). */
export class OggOpusTimeline {
  readonly #gaps: OpusGaps;
  #last: number | null = null;
  #late = 0;

  constructor(gaps: OpusGaps) {
    this.#gaps = gaps;
  }

  /** `samples` are those of the packets that the page completes. */
  addPage(granule: bigint, samples: number, isLast: boolean): OpusPageTime {
    const end = granule === NO_GRANULE ? 0 : Number(granule);
    if (samples === 0 || end <= 0) return { gap: 0, surplus: 0 };
    const before = this.#last;
    this.#last = end;
    // A stream of one page starts at 0; any other may have been joined late.
    const late = before === null ? (isLast ? end - samples : 0) : end - samples - before;
    // Only the last page may end before its last packet does.
    if (isLast && late < 0) return { gap: 0, surplus: Math.min(-late, samples) };
    if (before === null) return { gap: 0, surplus: 0 };
    this.#late += late;
    const gap = this.#gaps.take(this.#late);
    if (gap > 0) this.#late = 0;
    return { gap, surplus: 0 };
  }
}
