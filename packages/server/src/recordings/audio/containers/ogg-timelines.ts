import type { Gaps } from '../gaps.ts';

/** No packet ends on the page. */
export const NO_GRANULE = 0xffff_ffff_ffff_ffffn;

export interface OpusPageTime {
  readonly gap: number;
  readonly surplus: number;
}

/** By granule positions (RFC 7845, section 4). */
export class OggOpusTimeline {
  readonly #gaps: Gaps;
  #last: number | null = null;
  #late = 0;

  constructor(gaps: Gaps) {
    this.#gaps = gaps;
  }

  addPage(granule: bigint, samples: number, isLast: boolean): OpusPageTime {
    const end = granule === NO_GRANULE ? 0 : Number(granule);
    if (samples === 0 || end <= 0) return { gap: 0, surplus: 0 };
    const before = this.#last;
    this.#last = end;
    // A stream of one page starts at 0; others may have been joined late.
    const late = before === null ? (isLast ? end - samples : 0) : end - samples - before;
    // Only the last page may end before its last packet.
    if (isLast && late < 0) return { gap: 0, surplus: Math.min(-late, samples) };
    if (before === null) return { gap: 0, surplus: 0 };
    this.#late += late;
    const gap = this.#gaps.take(this.#late);
    if (gap > 0) this.#late = 0;
    return { gap, surplus: 0 };
  }
}

/** The decoder returns the samples of a page when it gets the next one. */
export class VorbisTimeline {
  readonly #rate: number;
  readonly #gaps: Gaps;
  #end: number | null = null;
  #pageEnd: number | null = null;

  constructor(rate: number, gaps: Gaps) {
    this.#rate = rate;
    this.#gaps = gaps;
  }

  addPage(granule: bigint): void {
    if (granule !== NO_GRANULE) this.#pageEnd = Number(granule);
  }

  addSamples(count: number): number {
    const pageEnd = this.#pageEnd;
    if (count === 0 || pageEnd === null) return 0;
    // The stream may have been joined late.
    const end = (this.#end ?? pageEnd - count) + count;
    const gap = this.#gaps.take(pageEnd - end, this.#rate);
    this.#end = end + gap;
    return gap;
  }
}
