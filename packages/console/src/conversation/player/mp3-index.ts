/** Layer III bit rates in kbit/s, by the index in the frame header. */
const BITRATES = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const RATES = [44_100, 48_000, 32_000];
/** Between the mean bit rate of a file with its tags and the bit rate of its frames. */
const TOLERANCE = 0.02;

interface Frame {
  readonly at: number;
  readonly bytes: number;
  readonly bitrate: number;
  readonly rate: number;
  readonly samples: number;
  readonly isMono: boolean;
}

/** Reads a frame header of MPEG audio, layer III (ISO/IEC 11172-3, 13818-3 and "MPEG 2.5"). */
function frameAt(bytes: Uint8Array, at: number): Frame | null {
  const [sync = 0, second = 0, third = 0, fourth = 0] = bytes.subarray(at, at + 4);
  const version = (second >> 3) & 3;
  if (sync !== 0xff || second < 0xe0 || version === 1 || ((second >> 1) & 3) !== 1) return null;
  const isMpeg1 = version === 3;
  const bitrate = (isMpeg1 ? BITRATES.mpeg1 : BITRATES.mpeg2)[third >> 4] ?? 0;
  const baseRate = RATES[(third >> 2) & 3];
  if (bitrate === 0 || baseRate === undefined) return null;
  const rate = baseRate / (isMpeg1 ? 1 : version === 2 ? 2 : 4);
  const samples = isMpeg1 ? 1152 : 576;
  const length = Math.floor((samples / 8) * ((bitrate * 1000) / rate)) + ((third >> 1) & 1);
  return { at, bytes: length, bitrate, rate, samples, isMono: fourth >> 6 === 3 };
}

function* framesOf(bytes: Uint8Array): Generator<Frame> {
  let before: Frame | null = null;
  for (let at = skipId3(bytes); at + 4 <= bytes.length; ) {
    const frame = frameAt(bytes, at);
    if (frame && isOfStream(bytes, frame, before)) {
      if (at + frame.bytes > bytes.length) return;
      before = frame;
      yield frame;
      at += frame.bytes;
      continue;
    }
    at = bytes.indexOf(0xff, at + 1);
    if (at < 0) return;
  }
}

/** Random bytes may look like a header, but not next to another frame. */
function isOfStream(bytes: Uint8Array, frame: Frame, before: Frame | null): boolean {
  const end = frame.at + frame.bytes;
  if (before && before.rate !== frame.rate) return false;
  if (before && before.at + before.bytes === frame.at) return true;
  return frameAt(bytes, end)?.rate === frame.rate || end >= bytes.length - 4;
}

function skipId3(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === 0x49 && bytes[at + 1] === 0x44 && bytes[at + 2] === 0x33) {
    const size = bytes.subarray(at + 6, at + 10).reduce((sum, byte) => sum * 128 + (byte & 127), 0);
    at += 10 + size;
  }
  return at;
}

function headerOf(bytes: Uint8Array, { at, bytes: length }: Frame): string | null {
  const text = String.fromCharCode(...bytes.subarray(at + 4, at + Math.min(length, 48)));
  return /Xing|Info|VBRI/.exec(text)?.[0] ?? null;
}

/** Whether a browser would seek wrongly in a file with these first bytes; size 0: unknown. */
export function needsIndex(head: Uint8Array, size: number, seconds: number): boolean {
  const [first, ...others] = framesOf(head);
  if (!first) return false;
  const header = headerOf(head, first);
  if (header !== null) return header !== 'Info';
  if (others.some(({ bitrate }) => bitrate !== first.bitrate)) return true;
  const total = size === 0 ? head.length : size;
  const mean = ((total - first.at) * 8) / 1000 / seconds;
  return Math.abs(mean - first.bitrate) > TOLERANCE * first.bitrate;
}

/** The frames in an MP4, which has the position of each; null if there are none. */
export function toMp4(bytes: Uint8Array<ArrayBuffer>): Blob | null {
  const all = [...framesOf(bytes)];
  const frames = all[0] && headerOf(bytes, all[0]) !== null ? all.slice(1) : all;
  const [first] = frames;
  if (!first) return null;
  const type = box('ftyp', text('isom'), u32(512), text('isomiso2mp41'));
  // The length of the tables does not depend on their values.
  const headerBytes = type.length + movie(frames, 0).length + 8;
  return new Blob([type, movie(frames, headerBytes), u32(8 + bytes.length), text('mdat'), bytes], {
    type: 'audio/mp4',
  });
}

type Bytes = Uint8Array<ArrayBuffer>;

/** The `moov` box (ISO/IEC 14496-12) of one track with one frame per chunk. */
function movie(frames: readonly Frame[], offset: number): Bytes {
  const [{ rate, samples, isMono } = { rate: 1, samples: 1, isMono: true }] = frames;
  const ticks = frames.length * samples;
  const matrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
  const count = u32(frames.length);
  return box(
    'moov',
    box(
      'mvhd',
      u32(0, 0, 0, rate, ticks, 0x10000, 0x1000000, 0, 0),
      matrix,
      u32(0, 0, 0, 0, 0, 0, 2),
    ),
    box(
      'trak',
      box('tkhd', u32(7, 0, 0, 1, 0, ticks, 0, 0, 0, 0x1000000), matrix, u32(0, 0)),
      box(
        'mdia',
        box('mdhd', u32(0, 0, 0, rate, ticks, 0x55c40000)),
        box('hdlr', u32(0, 0), text('soun'), u32(0, 0, 0), text('\0')),
        box(
          'minf',
          box('smhd', u32(0, 0)),
          box('dinf', box('dref', u32(0, 1), box('url ', u32(1)))),
          box(
            'stbl',
            box('stsd', u32(0, 1), sampleEntry(rate, isMono ? 1 : 2)),
            box('stts', u32(0, 1, frames.length, samples)),
            box('stsc', u32(0, 1, 1, 1, 1)),
            box('stsz', u32(0, 0), count, table(frames.map(({ bytes }) => bytes))),
            box('stco', u32(0), count, table(frames.map(({ at }) => at + offset))),
          ),
        ),
      ),
    ),
  );
}

/** MP3 in MP4: object type 0x6b (MPEG-1) or 0x69 (MPEG-2), ISO/IEC 14496-1. */
function sampleEntry(rate: number, channels: number): Bytes {
  const objectType = rate >= 32_000 ? 0x6b : 0x69;
  const config = Uint8Array.from([4, 13, objectType, 0x15, ...Array(11).fill(0)]);
  const descriptor = Uint8Array.from([3, 3 + config.length + 3, 0, 1, 0, ...config, 6, 1, 2]);
  return box(
    'mp4a',
    u32(0, 1, 0, 0, (channels << 16) | 16, 0, rate * 0x10000),
    box('esds', u32(0), descriptor),
  );
}

function box(type: string, ...parts: readonly Bytes[]): Bytes {
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  const bytes = new Uint8Array(size);
  bytes.set(u32(size));
  bytes.set(text(type), 4);
  let at = 8;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const text = (characters: string): Bytes =>
  Uint8Array.from(characters, (character) => character.charCodeAt(0));

const u32 = (...values: readonly number[]): Bytes => table(values);

function table(values: readonly number[]): Bytes {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value);
  return bytes;
}
