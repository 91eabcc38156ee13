import type { BlobWindow } from '../blob-window.ts';
import type { Gaps } from '../gaps.ts';
import { UndecodableError } from '../undecodable.ts';
import type { Page } from './ogg-pages.ts';
import { OggOpusTimeline } from './ogg-timelines.ts';
import type { OpusPiece } from './opus-blocks.ts';
import { MAX_OPUS_PACKET_BYTES, opusSamples } from './opus-packet.ts';

export class OggOpusPages {
  readonly #timeline: OggOpusTimeline;
  #started: Buffer | null = null;
  #hasTags = false;

  constructor(gaps: Gaps) {
    this.#timeline = new OggOpusTimeline(gaps);
  }

  read(blob: BlobWindow, page: Page): OpusPiece {
    const packets = this.#packetsOf(blob, page).filter((packet) => opusSamples(packet) > 0);
    const samples = packets.reduce((sum, packet) => sum + opusSamples(packet), 0);
    return { packets, ...this.#timeline.addPage(page.granule, samples, page.isLast) };
  }

  #packetsOf(blob: BlobWindow, { body, end, lacing, isContinued }: Page): Buffer[] {
    const bytes = Buffer.from(blob.at(body, end - body));
    const packets: Buffer[] = [];
    // A lost page leaves packets without a start or an end.
    let isBroken = isContinued && this.#started === null;
    let started = isContinued ? this.#started : null;
    let from = 0;
    let at = 0;
    for (const length of lacing) {
      at += length;
      if (length === 255) continue;
      const packet = joinPacket(started, bytes.subarray(from, at));
      if (!isBroken && !this.#isTags(packet)) packets.push(packet);
      started = null;
      isBroken = false;
      from = at;
    }
    this.#started = from < at && !isBroken ? joinPacket(started, bytes.subarray(from, at)) : null;
    return packets;
  }

  #isTags(packet: Buffer): boolean {
    if (this.#hasTags) return false;
    this.#hasTags = packet.toString('latin1', 0, 8) === 'OpusTags';
    return this.#hasTags;
  }
}

/** OpusTags may contain a picture, so only audio packets are limited. */
function joinPacket(started: Buffer | null, rest: Buffer): Buffer {
  if (started === null) return rest;
  const isTags = started.toString('latin1', 0, 8) === 'OpusTags';
  if (isTags) return started;
  if (started.length + rest.length > MAX_OPUS_PACKET_BYTES) {
    throw new UndecodableError('a packet is too long');
  }
  return Buffer.concat([started, rest]);
}
