import type { BlobWindow } from '../blob-window.ts';
import type { Gaps } from '../gaps.ts';
import type { Page } from './ogg-pages.ts';
import { NO_GRANULE, OggOpusTimeline } from './ogg-timelines.ts';
import { opusSamples } from './opus-packet.ts';

/** No real stream is longer: the file is damaged or crafted. */
const MAX_GRANULE = 2n ** 62n;

export interface StreamKind {
  readonly rate: number;
  /** Initial samples that players skip. */
  readonly preSkip: number;
  readonly isOpus: boolean;
}

/**
 * Granule positions count from the start of the stream, which the file may have joined late (RFC
 * 7845, sections 4.3 and 4.5). Opus packets have a duration, and jumps of positions are silence.
 * For other codecs, later pages determine the duration of the first page.
 */
export class OggLength {
  readonly #kind: StreamKind;
  #first: number | null = null;
  #last = 0;
  #packetsOnFirst = 0;
  #packetsAfter = 0;
  #samples = 0;
  /** Silence in gaps, minus what the last page trims. */
  #corrected = 0;
  readonly #timeline: OggOpusTimeline;
  #carried: Buffer | null = null;
  /** OpusHead is on the first page; OpusTags has separate pages. */
  #hasTags = false;
  #isAbsurd = false;

  constructor(kind: StreamKind, gaps: Gaps) {
    this.#kind = kind;
    this.#timeline = new OggOpusTimeline(gaps);
  }

  addPage(blob: BlobWindow, page: Page): void {
    const { packets, samples } = this.#readPackets(blob, page);
    // Header pages have the granule position 0.
    if (page.granule === NO_GRANULE) {
      this.#packetsAfter += packets;
      return;
    }
    if (page.granule > MAX_GRANULE) this.#isAbsurd = true;
    if (this.#kind.isOpus) {
      const { gap, surplus } = this.#timeline.addPage(page.granule, samples, page.isLast);
      this.#corrected += gap - surplus;
      return;
    }
    const granule = Number(page.granule);
    if (granule <= 0) return;
    this.#last = granule;
    if (this.#first !== null) this.#packetsAfter += packets;
    else {
      this.#first = granule;
      this.#packetsOnFirst = packets;
    }
  }

  get seconds(): number {
    const { rate, preSkip, isOpus } = this.#kind;
    if (this.#isAbsurd) return Number.POSITIVE_INFINITY;
    const samples = isOpus ? this.#samples + this.#corrected : this.#last - this.#start;
    return Math.max(0, samples - preSkip) / rate;
  }

  /** For streams whose packets have no durations. */
  get #start(): number {
    const first = this.#first ?? 0;
    if (this.#packetsAfter === 0) return 0;
    const mean = (this.#last - first) / this.#packetsAfter;
    const onFirst = mean * this.#packetsOnFirst;
    return first > 2 * onFirst + mean ? Math.round(first - onFirst) : 0;
  }

  #readPackets(blob: BlobWindow, { body, end, lacing }: Page) {
    const bytes = this.#kind.isOpus ? blob.at(body, end - body) : null;
    let packets = 0;
    let samples = 0;
    let at = 0;
    let begin = 0;
    for (const length of lacing) {
      at += length;
      if (length === 255) continue;
      packets += 1;
      if (bytes) samples += this.#samplesOf(this.#carried ?? bytes.subarray(begin, at));
      this.#carried = null;
      begin = at;
    }
    if (bytes && begin < at) this.#carried ??= Buffer.from(bytes.subarray(begin, begin + 16));
    this.#samples += samples;
    return { packets, samples };
  }

  #samplesOf(packet: Buffer): number {
    if (this.#hasTags) return opusSamples(packet);
    this.#hasTags = packet.toString('latin1', 0, 8) === 'OpusTags';
    return this.#hasTags ? 0 : opusSamples(packet);
  }
}
