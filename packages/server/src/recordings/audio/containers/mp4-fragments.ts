import type { BlobWindow } from '../blob-window.ts';
import type { Box } from './mp4-samples.ts';

interface SampleDefaults {
  ticks: number;
  bytes: number;
}

export interface Fragment {
  /** Data offsets are relative to `moof`. */
  moof: number;
  trackId: number;
  base: number;
  data: number;
  sample: SampleDefaults;
  readonly defaults: Map<number, SampleDefaults>;
}

const MAX_TRACKS = 64;
const NO_DEFAULTS: SampleDefaults = { ticks: 0, bytes: 0 };

export function newFragment(): Fragment {
  return { moof: 0, trackId: 0, base: 0, data: 0, sample: NO_DEFAULTS, defaults: new Map() };
}

export function readFragmentHeader(fragment: Fragment, type: 'trex' | 'tfhd', box: Buffer): void {
  const trackId = box.readUInt32BE(4);
  if (type === 'trex') {
    const sample = { ticks: box.readUInt32BE(12), bytes: box.readUInt32BE(16) };
    if (fragment.defaults.size < MAX_TRACKS) fragment.defaults.set(trackId, sample);
    return;
  }
  const flags = box.readUIntBE(1, 3);
  let position = 8;
  const field = (flag: number, length: number) => {
    if ((flags & flag) === 0) return null;
    position += length;
    return box.readUIntBE(position - Math.min(length, 6), Math.min(length, 6));
  };
  const base = field(0x01, 8);
  field(0x02, 4); // the sample description
  const sample = fragment.defaults.get(trackId) ?? NO_DEFAULTS;
  const ticks = field(0x08, 4) ?? sample.ticks;
  const bytes = field(0x10, 4) ?? sample.bytes;
  fragment.trackId = trackId;
  fragment.base = base ?? fragment.moof;
  fragment.data = fragment.base;
  fragment.sample = { ticks, bytes };
}

/** Only samples that the file contains completely. */
export function countFragmentTicks(blob: BlobWindow, fragment: Fragment, box: Box): number {
  const run = Buffer.from(blob.at(box.start, box.end - box.start));
  const flags = run.readUIntBE(1, 3);
  const count = run.readUInt32BE(4);
  let position = 8;
  if (flags & 0x001) {
    fragment.data = fragment.base + run.readInt32BE(position);
    position += 4;
  }
  if (flags & 0x004) position += 4; // flags of the first sample
  const fields = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag);
  const entryBytes = 4 * fields.length;
  const ownTicks = fields.indexOf(0x100) * 4;
  const ownBytes = fields.indexOf(0x200) * 4;
  if (entryBytes === 0) {
    const { ticks, bytes } = fragment.sample;
    const fitting = bytes > 0 ? Math.floor((blob.size - fragment.data) / bytes) : 0;
    fragment.data += count * bytes;
    return Math.min(count, Math.max(0, fitting)) * ticks;
  }
  let total = 0;
  for (let left = count; left > 0 && position + entryBytes <= run.length; left--) {
    const bytes = ownBytes < 0 ? fragment.sample.bytes : run.readUInt32BE(position + ownBytes);
    fragment.data += bytes;
    if (fragment.data > blob.size) break;
    total += ownTicks < 0 ? fragment.sample.ticks : run.readUInt32BE(position + ownTicks);
    position += entryBytes;
  }
  return total;
}
