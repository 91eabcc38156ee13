import type { BlobWindow } from '../blob-window.ts';

export const ID = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
  blockDuration: 0x9b,
};
/** Elements to descend into. Their size is often unknown in live recordings. */
const CONTAINERS = new Set([
  ID.segment,
  ID.info,
  ID.tracks,
  ID.trackEntry,
  ID.cluster,
  ID.blockGroup,
]);
/** A Duration this close to the end of the last block is more exact. */
const TOLERANCE_SECONDS = 0.25;

export function isWebm(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32BE(0) === ID.ebml;
}

/**
 * WebM and Matroska (RFC 9559): from the first block to the end of the last whole one. Concatenated
 * segments add up, because each has its own time origin.
 */
export function measureWebm(blob: BlobWindow, start: number): number | null {
  if (!isWebm(blob.at(start, 4))) return null;
  const segments = [new SegmentTimes()];
  for (const { id, position, size } of elementsOf(blob, start)) {
    if (id === ID.segment) segments.push(new SegmentTimes());
    segments.at(-1)?.see(id, blob.at(position, Math.min(size, 16)));
  }
  const known = segments.map(({ seconds }) => seconds).filter((seconds) => seconds !== null);
  return known.length === 0 ? null : known.reduce((sum, seconds) => sum + seconds, 0);
}

class SegmentTimes {
  #scale = 1_000_000;
  #promised: number | null = null;
  #clusterTime = 0;
  readonly #blocks = new BlockTimes();

  see(id: number, value: Buffer): void {
    if (id === ID.timestampScale) this.#scale = unsigned(value);
    if (id === ID.timestamp) this.#clusterTime = unsigned(value);
    if (id === ID.duration) {
      this.#promised = value.length === 8 ? value.readDoubleBE(0) : value.readFloatBE(0);
    }
    if (id === ID.simpleBlock || id === ID.block) {
      const track = value.readUInt8(0) & 0x80 ? 1 : 2;
      this.#blocks.see(this.#clusterTime + value.readInt16BE(track));
    }
    if (id === ID.blockDuration) this.#blocks.endLast(unsigned(value));
  }

  /** Some recorders count Duration from 0, others from the first block. */
  get seconds(): number | null {
    const { first, last, end } = this.#blocks;
    if (last === null) return null;
    const seconds = (ticks: number) => (ticks * this.#scale) / 1e9;
    const length = seconds(end - first);
    if (this.#promised === null) return length;
    const candidates = [seconds(this.#promised - first), seconds(this.#promised)];
    return candidates.find((one) => Math.abs(one - length) <= TOLERANCE_SECONDS) ?? length;
  }
}

class BlockTimes {
  first = 0;
  last: number | null = null;
  end = 0;
  #step = 0;

  see(time: number): void {
    if (this.last === null) this.first = time;
    // Without a duration, a block lasts as long as the step before, unless that was a pause.
    const step = this.last === null ? 0 : Math.max(time - this.last, 0);
    const length = this.#step > 0 ? Math.min(step, this.#step) : step;
    if (step > 0) this.#step = step;
    this.last = time;
    this.end = Math.max(this.end, time + length);
  }

  endLast(length: number): void {
    if (this.last !== null) this.end = Math.max(this.end, this.last + length);
  }
}

export interface Element {
  readonly id: number;
  readonly position: number;
  /** 0 for a container, whose content follows. */
  readonly size: number;
}

/** Ends before the first truncated element. */
export function* elementsOf(blob: BlobWindow, start: number): Generator<Element> {
  for (let position = start; position < blob.size; ) {
    const element = parseElement(blob.at(position, 12));
    if (!element) return;
    const { id } = element;
    position += element.headerBytes;
    const size = CONTAINERS.has(id) ? 0 : element.size;
    if (size === null || position + size > blob.size) return;
    yield { id, position, size };
    position += size;
  }
}

/** null, or a null `size`, if unknown. */
function parseElement(
  buffer: Buffer,
): { id: number; size: number | null; headerBytes: number } | null {
  const idBytes = Math.clz32(buffer[0] ?? 0) - 23;
  if (idBytes > 4 || buffer.length < idBytes + 1) return null;
  const sizeBytes = Math.clz32(buffer[idBytes] ?? 0) - 23;
  if (sizeBytes > 8 || buffer.length < idBytes + sizeBytes) return null;
  let size = (buffer[idBytes] ?? 0) & (0xff >> sizeBytes);
  let isUnknown = size === 0xff >> sizeBytes;
  for (let offset = idBytes + 1; offset < idBytes + sizeBytes; offset++) {
    const byte = buffer[offset] ?? 0;
    size = size * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return {
    id: buffer.readUIntBE(0, idBytes),
    size: isUnknown ? null : size,
    headerBytes: idBytes + sizeBytes,
  };
}

export function unsigned(value: Buffer): number {
  let number = 0;
  for (const byte of value.subarray(0, 8)) number = number * 256 + byte;
  return number;
}
