import type { AudioType } from '@colloquy/wire';

/** Files of one format that consist of as many tiny elements as fit, or of absurd numbers. */
export interface CraftedFile {
  readonly name: string;
  readonly contentType: AudioType;
  make(bytes: number): Buffer;
}

export interface AbsurdFile {
  readonly name: string;
  readonly contentType: AudioType;
  readonly bytes: Buffer;
  /** Its length is near zero instead of without end. */
  readonly isShort?: boolean;
}

/** `head`, then `element` repeated up to `bytes`. */
function repeated(head: Buffer, element: Buffer, bytes: number): Buffer {
  const count = Math.max(1, Math.floor((bytes - head.length) / element.length));
  const file = Buffer.alloc(head.length + count * element.length);
  head.copy(file);
  file.fill(element, head.length);
  return file;
}

export function oggPage(
  body: Buffer,
  { flags = 0, granule = 0n, serial = 1 }: { flags?: number; granule?: bigint; serial?: number },
): Buffer {
  const lacing: number[] = [];
  for (let left = body.length; left >= 0; left -= 255) lacing.push(Math.min(left, 255));
  const header = Buffer.alloc(27 + (body.length === 0 ? 0 : lacing.length));
  header.write('OggS');
  header[5] = flags;
  header.writeBigUInt64LE(granule, 6);
  header.writeUInt32LE(serial, 14);
  if (body.length > 0) {
    header[26] = lacing.length;
    Buffer.from(lacing).copy(header, 27);
  }
  return Buffer.concat([header, body]);
}

export function vorbisHead(rate: number): Buffer {
  const packet = Buffer.alloc(30);
  packet.write('\x01vorbis', 0, 'latin1');
  packet[11] = 1;
  packet.writeUInt32LE(rate, 12);
  return packet;
}

export function box(type: string, ...parts: Buffer[]): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + parts.reduce((sum, part) => sum + part.length, 0));
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, ...parts]);
}

/** An element of EBML with a size of eight bytes. */
export function element(id: number, body: Buffer): Buffer {
  const idText = id.toString(16);
  const header = Buffer.from(`${idText.length % 2 ? '0' : ''}${idText}`, 'hex');
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(body.length));
  size[0] = 1;
  return Buffer.concat([header, size, body]);
}

const uint64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};
const uint32s = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at);
  return bytes;
};

const EBML = element(0x1a45dfa3, Buffer.alloc(0));
const FTYP = box('ftyp', Buffer.from('M4A \0\0\0\0'));
const OPUS_HEAD = Buffer.from('OpusHead\x01\x01\x38\x01\x80\xbb\0\0\0\0\0', 'latin1');

/** An audio track with these boxes in its sample table. */
const moov = (...tables: Buffer[]) =>
  box(
    'moov',
    box(
      'trak',
      box(
        'mdia',
        box('mdhd', uint32s(0, 0, 0, 1, 0, 0)),
        hdlr(),
        box('minf', box('stbl', ...tables)),
      ),
    ),
  );
const hdlr = () => box('hdlr', uint32s(0, 0), Buffer.from('soun'), Buffer.alloc(12));

/** An MPEG-2 layer 3 frame of 8 kbit/s at 24 kHz: 24 bytes. */
const TINY_MP3 = Buffer.concat([Buffer.from('fff31444', 'hex'), Buffer.alloc(20)]);

export const TINY_ELEMENTS: readonly CraftedFile[] = [
  {
    name: 'Ogg pages without a body',
    contentType: 'audio/ogg',
    make: (bytes) =>
      repeated(oggPage(OPUS_HEAD, { flags: 2 }), oggPage(Buffer.alloc(0), { granule: 1n }), bytes),
  },
  {
    name: 'Ogg streams that begin again and again',
    contentType: 'audio/ogg',
    make: (bytes) => {
      const begin = oggPage(OPUS_HEAD, { flags: 2 });
      return repeated(
        begin,
        Buffer.concat([oggPage(Buffer.alloc(0), { granule: 1n }), begin]),
        bytes,
      );
    },
  },
  {
    name: 'Ogg pages with noise between',
    contentType: 'audio/ogg',
    make: (bytes) =>
      repeated(
        oggPage(OPUS_HEAD, { flags: 2 }),
        Buffer.concat([Buffer.from('x'), oggPage(Buffer.alloc(0), { granule: 1n })]),
        bytes,
      ),
  },
  {
    name: 'EBML elements of two bytes',
    contentType: 'audio/webm',
    make: (bytes) => repeated(EBML, Buffer.from([0xec, 0x80]), bytes),
  },
  {
    name: 'WebM clusters of unknown size',
    contentType: 'audio/webm',
    make: (bytes) => repeated(EBML, Buffer.from('1f43b675ff', 'hex'), bytes),
  },
  {
    name: 'WebM blocks without samples',
    contentType: 'audio/webm',
    make: (bytes) => repeated(EBML, Buffer.from('a38481000000', 'hex'), bytes),
  },
  {
    name: 'MP4 boxes of eight bytes',
    contentType: 'audio/mp4',
    make: (bytes) => repeated(FTYP, box('free'), bytes),
  },
  {
    name: 'MP4 runs of samples',
    contentType: 'audio/mp4',
    make: (bytes) =>
      repeated(
        Buffer.concat([FTYP, moov(), box('moof', box('traf', box('tfhd', uint32s(0, 0))))]),
        box('trun', uint32s(0x100, 1, 1)),
        bytes,
      ),
  },
  {
    name: 'an MP4 table of samples',
    contentType: 'audio/mp4',
    make: (bytes) => {
      const count = Math.floor(bytes / 12);
      const ones = Buffer.alloc(count * 4);
      return Buffer.concat([
        FTYP,
        moov(
          box('stts', uint32s(0, count), Buffer.alloc(count * 8, uint32s(1, 1))),
          box('stsz', uint32s(0, 0, count), ones),
          box('stsc', uint32s(0, 1, 1, 1, 1)),
          box('stco', uint32s(0, count), ones),
        ),
      ]);
    },
  },
  {
    name: 'MP3 frames of 24 bytes',
    contentType: 'audio/mpeg',
    make: (bytes) => repeated(TINY_MP3, TINY_MP3, bytes),
  },
  {
    name: 'MP3 frames with noise between',
    contentType: 'audio/mpeg',
    make: (bytes) =>
      repeated(
        Buffer.concat([TINY_MP3, TINY_MP3, TINY_MP3]),
        Buffer.concat([Buffer.from([0]), TINY_MP3, TINY_MP3, TINY_MP3]),
        bytes,
      ),
  },
  {
    name: 'MP3 frames that overlap',
    contentType: 'audio/mpeg',
    make: (bytes) => repeated(Buffer.alloc(0), Buffer.from('fff31444ffff', 'hex'), bytes),
  },
  {
    name: 'WAVE chunks of zero bytes',
    contentType: 'audio/wav',
    make: (bytes) => repeated(Buffer.from('RIFF\0\0\0\0WAVE'), Buffer.from('junk\0\0\0\0'), bytes),
  },
  {
    name: 'FLAC metadata blocks of zero bytes',
    contentType: 'audio/flac',
    make: (bytes) => repeated(Buffer.from('fLaC'), Buffer.from([1, 0, 0, 0]), bytes),
  },
  {
    name: 'FLAC frame headers without frames',
    contentType: 'audio/flac',
    make: (bytes) => repeated(flacHead(8000), flacFrameHead('fff8c01800'), bytes),
  },
  {
    name: 'ID3 tags',
    contentType: 'audio/mpeg',
    make: (bytes) => repeated(Buffer.alloc(0), Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), bytes),
  },
];

/** A number as FLAC writes its largest, in seven bytes. */
function flacNumber(value: bigint): string {
  const bytes = [0xfe];
  for (let shift = 30n; shift >= 0n; shift -= 6n)
    bytes.push(Number(0x80n | ((value >> shift) & 0x3fn)));
  return Buffer.from(bytes).toString('hex');
}

/** The header of a FLAC frame with its checksum. */
function flacFrameHead(hex: string): Buffer {
  let crc = 0;
  for (const byte of Buffer.from(hex, 'hex')) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80 ? (crc << 1) ^ 0x07 : crc << 1) & 0xff;
  }
  return Buffer.concat([Buffer.from(hex, 'hex'), Buffer.from([crc])]);
}

export function flacHead(rate: number, samples = 0): Buffer {
  const info = Buffer.alloc(38);
  info[0] = 0x80;
  info[3] = 34;
  info.writeUInt16BE(4096, 4);
  info.writeUInt16BE(4096, 6);
  info.writeUIntBE(rate << 4, 14, 3);
  info[16] = ((rate & 15) << 4) | 0;
  info[17] = 0xf0;
  info.writeUInt32BE(samples, 18);
  return Buffer.concat([Buffer.from('fLaC'), info]);
}

export const ABSURD_LENGTHS: readonly AbsurdFile[] = [
  {
    name: 'Ogg at 1 Hz with granule 1e16',
    contentType: 'audio/ogg',
    bytes: Buffer.concat([
      oggPage(vorbisHead(1), { flags: 2 }),
      oggPage(Buffer.alloc(1), { flags: 4, granule: 10n ** 16n }),
    ]),
  },
  {
    name: 'Ogg with granule 2^63',
    contentType: 'audio/ogg',
    bytes: Buffer.concat([
      oggPage(OPUS_HEAD, { flags: 2 }),
      oggPage(Buffer.alloc(1), { flags: 4, granule: 2n ** 63n }),
    ]),
  },
  {
    name: 'WebM with a scale of 2^64-1',
    contentType: 'audio/webm',
    bytes: Buffer.concat([
      EBML,
      element(0x2ad7b1, uint64(2n ** 64n - 1n)),
      element(0xa3, Buffer.from([0x81, 0, 10, 0])),
      element(0xa3, Buffer.from([0x81, 0, 20, 0])),
    ]),
  },
  {
    name: 'WebM with a block duration of 2^64-1',
    contentType: 'audio/webm',
    bytes: Buffer.concat([
      EBML,
      element(0xa1, Buffer.from([0x81, 0, 10, 0])),
      element(0x9b, uint64(2n ** 64n - 1n)),
    ]),
  },
  {
    name: 'MP4 with samples of 2^32-1 ticks at 1 Hz',
    contentType: 'audio/mp4',
    bytes: Buffer.concat([
      FTYP,
      moov(
        box('stts', uint32s(0, 1, 100, 0xffffffff)),
        box('stsz', uint32s(0, 1, 100)),
        box('stsc', uint32s(0, 1, 1, 100, 1)),
        box('stco', uint32s(0, 1, 0)),
      ),
    ]),
  },
  {
    name: 'MP4 with fragments of 2^32-1 ticks',
    contentType: 'audio/mp4',
    bytes: Buffer.concat([
      FTYP,
      moov(),
      box(
        'moof',
        box(
          'traf',
          box('tfhd', uint32s(0, 0)),
          box('trun', uint32s(0x100, 2, 0xffffffff, 0xffffffff)),
        ),
      ),
    ]),
  },
  {
    name: 'FLAC of 2^35 samples at 1 Hz',
    contentType: 'audio/flac',
    bytes: Buffer.concat([
      flacHead(1),
      flacFrameHead(`fff9c018${flacNumber(2n ** 35n)}`),
      flacFrameHead(`fff9c018${flacNumber(2n ** 35n + 4096n)}`),
    ]),
  },
  {
    name: 'WAVE of 2^32-1 samples a second',
    isShort: true,
    contentType: 'audio/wav',
    bytes: wavAtRate(0xffffffff, 1_000),
  },
  {
    name: 'WAVE with blocks of 65535 samples at 1 Hz',
    contentType: 'audio/wav',
    bytes: adpcmAtRate(1, 1_000),
  },
];

export function wavAtRate(rate: number, samples: number): Buffer {
  const file = Buffer.alloc(44 + samples);
  file.write('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1');
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate, 28);
  file.writeUInt16LE(1, 32);
  file.writeUInt16LE(8, 34);
  file.write('data', 36);
  file.writeUInt32LE(samples, 40);
  return file;
}

function adpcmAtRate(rate: number, blocks: number): Buffer {
  const head = Buffer.from('RIFF\0\0\0\0WAVEfmt \x14\0\0\0\x11\0\x01\0', 'latin1');
  const format = Buffer.alloc(16);
  format.writeUInt32LE(rate, 0);
  format.writeUInt32LE(rate, 4);
  format.writeUInt16LE(1, 8);
  format.writeUInt16LE(4, 10);
  format.writeUInt16LE(2, 12);
  format.writeUInt16LE(0xffff, 14);
  const data = Buffer.alloc(8);
  data.write('data');
  data.writeUInt32LE(blocks, 4);
  return Buffer.concat([head, format, data, Buffer.alloc(blocks)]);
}
