import type { Gaps } from '../gaps.ts';

/** No packet ends on the page. */
export const NO_GRANULE = 0xffff_ffff_ffff_ffffn;

export interface OpusPageTime {
  /** Samples of silence in front of the packets of the page. */
  readonly gap: number;
  /** Samples to leave out at their end. */
  readonly surplus: number;
}

/** Where the pages of a stream of Opus in Ogg play, by their granule positions (RFC 7845, section 4). */
export class OggOpusTimeline {
  readonly #gaps: Gaps;
  #last: number | null = null;
  #late = 0;

  constructor(gaps: Gaps) {
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

/**
 * Finds the gaps of a stream of Vorbis. The decoder gives the samples of a page when the next page comes,
 * and the granule position of a page is where its samples end.
 */
export class VorbisTimeline {
  readonly #rate: number;
  readonly #gaps: Gaps;
  /** Where the samples end that were decoded; null in front of the first. */
  #end: number | null = null;
  /** The granule position of the page whose samples come next. */
  #pageEnd: number | null = null;

  constructor(rate: number, gaps: Gaps) {
    this.#rate = rate;
    this.#gaps = gaps;
  }

  addPage(granule: bigint): void {
    if (granule !== NO_GRANULE) this.#pageEnd = Number(granule);
  }

  /** The samples of silence in front of those that were just decoded. */
  addSamples(count: number): number {
    const pageEnd = this.#pageEnd;
    if (count === 0 || pageEnd === null) return 0;
    // The first page may be of a stream that was joined late.
    const end = (this.#end ?? pageEnd - count) + count;
    const gap = this.#gaps.take(pageEnd - end, this.#rate);
    this.#end = end + gap;
    return gap;
  }
}
