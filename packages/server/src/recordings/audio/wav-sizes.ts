const MOST_CHUNKS = 1_000;

/** Bytes that take the place of those at `position`. */
export interface Patch {
  readonly position: number;
  readonly bytes: Buffer;
}

/**
 * What to change in a WAV file for its sizes to be those of the bytes that are there. Recorders
 * that write to a pipe, or that break off, leave sizes that the library would trust: a header that
 * was never completed (0), or a `data` chunk after which no chunk follows, means all that is there.
 */
export async function correctWavSizes(
  read: (start: number, length: number) => Promise<Buffer>,
  size: number,
): Promise<Patch[]> {
  const riff = await read(0, 12);
  if (riff.toString('latin1', 0, 4) !== 'RIFF') return []; // RF64 keeps its sizes elsewhere
  let position = 12;
  for (let count = 0; count < MOST_CHUNKS && position + 8 <= size; count++) {
    const header = await read(position, 8);
    const length = header.readUInt32LE(4);
    const next = position + 8 + length + (length % 2);
    if (header.toString('latin1', 0, 4) === 'data') {
      const isRight = length > 0 && (next + 8 > size || isChunk(await read(next, 8), size - next));
      const available = isRight ? length : size - position - 8;
      return [
        { position: 4, bytes: uint32(size - 8) },
        { position: position + 4, bytes: uint32(available) },
      ];
    }
    position = next;
  }
  return [];
}

function isChunk(header: Buffer, available: number): boolean {
  const isName = /^[\x20-\x7e]{4}$/.test(header.toString('latin1', 0, 4));
  return isName && header.readUInt32LE(4) <= available - 8;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(Math.min(value, 0xffffffff));
  return bytes;
}
