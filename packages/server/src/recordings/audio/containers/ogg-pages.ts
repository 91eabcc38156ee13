import type { BlobWindow } from '../blob-window.ts';

const HEADER_BYTES = 27;
const MAX_HEADER_BYTES = HEADER_BYTES + 255;

export function isOgg(head: Buffer): boolean {
  return head.toString('latin1', 0, 4) === 'OggS';
}

export interface Page {
  readonly start: number;
  readonly isContinued: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly granule: bigint;
  readonly serial: number;
  /** A segment of 255 bytes continues in the next. */
  readonly lacing: Buffer;
  readonly body: number;
  readonly end: number;
}

export function* pagesOf(blob: BlobWindow, start: number): Generator<Page> {
  let position: number | null = start;
  while (position !== null) {
    const page = readPage(blob, position);
    if (page === 'cut off') return;
    if (page !== 'no page') yield page;
    position = page === 'no page' ? findPage(blob, position + 1) : page.end;
  }
}

function readPage(blob: BlobWindow, position: number): Page | 'cut off' | 'no page' {
  const header = blob.at(position, MAX_HEADER_BYTES);
  if (header.length < HEADER_BYTES) return 'cut off';
  if (!isOgg(header)) return 'no page';
  const lacing = Buffer.from(header.subarray(HEADER_BYTES, HEADER_BYTES + header.readUInt8(26)));
  const body = position + HEADER_BYTES + header.readUInt8(26);
  let end = body;
  for (const length of lacing) end += length;
  if (end > blob.size) return 'cut off';
  return {
    start: position,
    isContinued: (header.readUInt8(5) & 1) !== 0,
    isFirst: (header.readUInt8(5) & 2) !== 0,
    isLast: (header.readUInt8(5) & 4) !== 0,
    granule: header.readBigUInt64LE(6),
    serial: header.readUInt32LE(14),
    lacing,
    body,
    end,
  };
}

function findPage(blob: BlobWindow, start: number): number | null {
  const range = 65_536;
  for (let from = start; from < blob.size; from += range - 3) {
    const offset = blob.at(from, range).indexOf('OggS', 0, 'latin1');
    if (offset !== -1) return from + offset;
  }
  return null;
}
