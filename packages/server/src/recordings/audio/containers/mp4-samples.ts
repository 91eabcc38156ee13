import type { BlobWindow } from '../blob-window.ts';

export interface Box {
  readonly start: number;
  readonly end: number;
}

export interface SampleTables {
  stts?: Box;
  stsz?: Box;
  stsc?: Box;
  stco?: Box;
  co64?: Box;
}

/** Only samples that the file contains completely. */
export function countSampleTicks(blob: BlobWindow, tables: SampleTables): number {
  let left = countPresentSamples(blob, tables);
  const times = readTable(blob, tables.stts, 8, 8);
  let ticks = 0;
  for (let offset = 0; offset < times.length && left > 0; offset += 8) {
    const count = Math.min(times.readUInt32BE(offset), left);
    ticks += count * times.readUInt32BE(offset + 4);
    left -= count;
  }
  return ticks;
}

/** A truncated file lacks the last chunks. */
function countPresentSamples(blob: BlobWindow, tables: SampleTables): number {
  const layout = readTable(blob, tables.stsc, 8, 12);
  const header = readTable(blob, tables.stsz, 4, 8);
  if (layout.length === 0 || header.length === 0) return 0;
  const uniform = header.readUInt32BE(0);
  const total = header.readUInt32BE(4);
  const sizes = uniform > 0 ? Buffer.alloc(0) : readTable(blob, tables.stsz, 12, 4);
  const wide = tables.co64 !== undefined;
  const chunks = readTable(blob, tables.co64 ?? tables.stco, 8, wide ? 8 : 4);

  let present = 0;
  let run = 0;
  for (let chunk = 0; chunk * (wide ? 8 : 4) < chunks.length && present < total; chunk++) {
    while (run + 12 < layout.length && layout.readUInt32BE(run + 12) <= chunk + 1) run += 12;
    const count = Math.min(layout.readUInt32BE(run + 4), total - present);
    let position = wide
      ? Number(chunks.readBigUInt64BE(chunk * 8))
      : chunks.readUInt32BE(chunk * 4);
    if (uniform > 0) {
      const fitting = Math.floor(Math.max(0, blob.size - position) / uniform);
      present += Math.min(count, fitting);
      if (fitting < count) return present;
      continue;
    }
    const end = Math.min(present + count, sizes.length / 4);
    for (; present < end; present++) {
      position += sizes.readUInt32BE(present * 4);
      if (position > blob.size) return present;
    }
  }
  return present;
}

function readTable(
  blob: BlobWindow,
  box: Box | undefined,
  skip: number,
  entryBytes: number,
): Buffer {
  if (!box) return Buffer.alloc(0);
  const length = Math.max(0, box.end - box.start - skip);
  const table = blob.at(box.start + skip, length - (length % entryBytes));
  return Buffer.from(table.subarray(0, table.length - (table.length % entryBytes)));
}
