import type { BlobWindow } from '../blob-window.ts';
import type { Gaps } from '../gaps.ts';
import { UndecodableError } from '../undecodable.ts';
import type { Page } from './ogg-pages.ts';
import { OggOpusTimeline } from './ogg-timelines.ts';
import type { OpusPiece } from './opus-blocks.ts';
import { MAX_OPUS_PACKET_BYTES, opusSamples } from './opus-packet.ts';

/** Reads the packets of a stream of Opus in Ogg, page by page. */
export class OggOpusPages {
  readonly #timeline: OggOpusTimeline;
  /** What is there of a packet that goes on in the next page. */
  #begun: Buffer | null = null;
  #hasTags = false;

  constructor(gaps: Gaps) {
    this.#timeline = new OggOpusTimeline(gaps);
  }

  /** The packets that end on a page; the page is not the first, which holds the header. */
  read(blob: BlobWindow, page: Page): OpusPiece {
    const packets = this.#packetsOf(blob, page).filter((packet) => opusSamples(packet) > 0);
    const samples = packets.reduce((sum, packet) => sum + opusSamples(packet), 0);
    return { packets, ...this.#timeline.addPage(page.granule, samples, page.isLast) };
  }

  #packetsOf(blob: BlobWindow, { body, end, lacing, isContinued }: Page): Buffer[] {
    const bytes = Buffer.from(blob.at(body, end - body));
    const packets: Buffer[] = [];
    // The beginning or the rest of a packet is missing if a page is.
    let isBroken = isContinued && this.#begun === null;
    let begun = isContinued ? this.#begun : null;
    let from = 0;
    let at = 0;
    for (const length of lacing) {
      at += length;
      if (length === 255) continue;
      const packet = joined(begun, bytes.subarray(from, at));
      if (!isBroken && !this.#isTags(packet)) packets.push(packet);
      begun = null;
      isBroken = false;
      from = at;
    }
    this.#begun = from < at && !isBroken ? joined(begun, bytes.subarray(from, at)) : null;
    return packets;
  }

  #isTags(packet: Buffer): boolean {
    if (this.#hasTags) return false;
    this.#hasTags = packet.toString('latin1', 0, 8) === 'OpusTags';
    return this.#hasTags;
  }
}

/** OpusTags may hold a picture, so only that is not bounded by what a packet of audio can have. */
function joined(begun: Buffer | null, rest: Buffer): Buffer {
  if (begun === null) return rest;
  const isTags = begun.toString('latin1', 0, 8) === 'OpusTags';
  if (isTags) return begun;
  if (begun.length + rest.length > MAX_OPUS_PACKET_BYTES) {
    throw new UndecodableError('a packet that is too long');
  }
  return Buffer.concat([begun, rest]);
}
