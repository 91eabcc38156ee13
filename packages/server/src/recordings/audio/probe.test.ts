import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AudioType } from '@colloquy/wire';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSample } from '../../../../../test/fixtures/wav.ts';
import type { BlobStore } from '../../blobs/blob-store.ts';
import { openDiskBlobs } from '../../blobs/disk.ts';
import { openThreads } from '../../kernel/threads/threads.ts';
import { acceptedAudioType } from '../audio-type.ts';
import { probeAudio } from './probe.ts';

let folder: string;
let blobs: BlobStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'colloquy-audio-'));
  blobs = await openDiskBlobs(folder);
});
const audioThreads = openThreads({ maxThreads: 1 });
afterAll(() => audioThreads.close());
afterAll(() => rm(folder, { recursive: true, force: true }));

async function probe(bytes: Uint8Array, declared: AudioType = 'audio/wav') {
  const key = `1/${randomBytes(16).toString('hex')}`;
  await blobs.put(key, one(bytes));
  try {
    return await probeAudio({ blobs, audioThreads }, { key, bytes: bytes.length, declared });
  } finally {
    await blobs.remove(key);
  }
}

async function* one(bytes: Uint8Array) {
  yield bytes;
}

// Durations according to ffprobe and the number of decoded samples.
const SAMPLES: readonly [string, AudioType, number][] = [
  ['whatstheweatherlike.wav', 'audio/wav', 2.03],
  ['whatstheweatherlike-mulaw.wav', 'audio/wav', 2.03],
  ['test_audio_stereo.wav', 'audio/wav', 1.72],
  ['piped.wav', 'audio/wav', 2.03],
  ['whatstheweatherlike.mp3', 'audio/mpeg', 2.03],
  ['opus.ogg', 'audio/ogg', 2.03],
  ['vorbis.ogg', 'audio/ogg', 2.03],
  ['opus.webm', 'audio/webm', 2.038],
  ['opus-live.webm', 'audio/webm', 2.041],
  ['aac.m4a', 'audio/mp4', 2.03],
  ['aac-fragmented.m4a', 'audio/mp4', 2.094],
  ['flac.flac', 'audio/flac', 2.03],
  ['flac-piped.flac', 'audio/flac', 2.03],
];

describe('type and duration of audio', () => {
  test.each(SAMPLES)(
    'the bytes of %s determine its type and duration',
    async (name, contentType, durationSeconds) => {
      for (const declared of ['audio/wav', 'audio/ogg', contentType] as const) {
        expect(await probe(readSample(name), declared)).toEqual({
          contentType,
          durationSeconds,
          hasVideo: false,
        });
      }
    },
  );

  test('without a header, the declared type is kept and there is no duration', async () => {
    const bytes = readSample('missing_wav_header.wav');
    for (const contentType of ['audio/wav', 'audio/mpeg', 'audio/mp4'] as const) {
      expect(await probe(bytes, contentType)).toEqual({
        contentType,
        durationSeconds: null,
        hasVideo: false,
      });
    }
  });
});

describe('headers that contradict the bytes', () => {
  const DATA_SIZE = 40; // offset in a WAV file with a `fmt ` chunk of 16 bytes

  test.each([0, 57_703_928, 1_000, 0x7fffffff, 0xffffffff])(
    'a WAV header that claims %i bytes does not change the duration',
    async (claimed) => {
      const bytes = readSample('whatstheweatherlike.wav');
      bytes.writeUInt32LE(claimed, DATA_SIZE);
      expect((await probe(bytes)).durationSeconds).toBe(2.03);
    },
  );

  test('chunks after the samples of a WAV file do not count', async () => {
    const bytes = readSample('whatstheweatherlike.wav');
    const list = Buffer.from('LIST\x0c\x00\x00\x00INFOabcdefgh', 'latin1');
    expect((await probe(Buffer.concat([bytes, list]))).durationSeconds).toBe(2.03);
  });

  // The durations that ffmpeg decodes of the first six tenths of each file.
  test.each([
    ['whatstheweatherlike.wav', 1.217],
    ['whatstheweatherlike-mulaw.wav', 1.217],
    ['whatstheweatherlike.mp3', 0.75],
    ['opus.webm', 0.86],
    ['opus-live.webm', 0.88],
    ['aac.m4a', 0.7],
    ['aac-fragmented.m4a', 0.83],
    ['flac.flac', 0.576],
    ['flac-piped.flac', 0.576],
  ])('the duration of %s, cut off, is that of its remaining bytes', async (name, seconds) => {
    const bytes = readSample(name);
    const cut = bytes.subarray(0, Math.floor(bytes.length * 0.6));
    const { durationSeconds } = await probe(cut);
    expect(durationSeconds).not.toBeNull();
    expect(Math.abs((durationSeconds ?? 0) - seconds)).toBeLessThan(0.065); // the delay of an encoder
  });

  test('an Ogg file of three streams, the last one cut off, lasts as long as the first two', async () => {
    const bytes = readSample('opus.ogg');
    const two = Buffer.concat([bytes, bytes]);
    expect((await probe(two)).durationSeconds).toBe(4.06);
    const cut = Buffer.concat([two, bytes.subarray(0, 3000)]);
    expect((await probe(cut)).durationSeconds).toBe(4.06);
  });

  test('two concatenated MP4 files last as long as the first, like in players', async () => {
    const bytes = readSample('aac.m4a');
    expect(await probe(Buffer.concat([bytes, bytes]))).toEqual(await probe(bytes));
  });

  test('two concatenated fragmented MP4 files have no duration until they are decoded', async () => {
    const bytes = readSample('aac-fragmented.m4a');
    const joined = await probe(Buffer.concat([bytes, bytes]));
    expect(joined).toEqual({ ...(await probe(bytes)), durationSeconds: null });
  });

  test('tags around MP3 frames and noise between them do not count', async () => {
    const bytes = readSample('whatstheweatherlike.mp3');
    const id3 = Buffer.concat([Buffer.from('ID3\x04\x00\x00\x00\x00\x07\x68'), randomBytes(1000)]);
    const tag = Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125, 'a')]);
    const info = { contentType: 'audio/mpeg', durationSeconds: 2.03, hasVideo: false };
    expect(await probe(Buffer.concat([id3, bytes, tag]))).toEqual(info);
    // The second copy's Xing frame is silent but counts as one frame of 36 ms.
    const noisy = Buffer.concat([bytes, Buffer.alloc(5000, 'noise'), bytes]);
    expect((await probe(noisy)).durationSeconds).toBeCloseTo(2.03 + 2.124 + 0.036, 6);
  });
});

describe('crafted files', () => {
  test('an MP4 of 100 bytes that claims 4,294,967,295 samples has no duration', async () => {
    const run = Buffer.alloc(9);
    run.writeUInt32BE(0xffffffff, 4);
    const fragment = box('moof', box('traf', box('tfhd', Buffer.alloc(8)), box('trun', run)));
    const bytes = Buffer.concat([box('ftyp', Buffer.from('M4A \0\0\0\0')), fragment]);
    const info = { contentType: 'audio/mp4', durationSeconds: null, hasVideo: false };
    expect(await probe(bytes)).toEqual(info);
  });

  test('a file with random edits has a duration or none, and never throws', {
    timeout: 120_000,
  }, async () => {
    const files = SAMPLES.map(([name]) => readSample(name));
    const edit = fc.record({
      position: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      // Most decisions of the readers depend on the first bytes.
      isInFront: fc.boolean(),
      value: fc.oneof(fc.constantFrom(0, 0xff, 0x80, 0x7f), fc.nat(255)),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(edit, { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (file, edits, kept) => {
          const bytes = Buffer.from(file.subarray(0, Math.ceil(file.length * kept)));
          if (bytes.length === 0) return;
          for (const { position, isInFront, value } of edits) {
            const reach = isInFront ? Math.min(200, bytes.length) : bytes.length;
            bytes[Math.floor(position * reach)] = value;
          }
          const { durationSeconds } = await probe(bytes);
          if (durationSeconds !== null) expect(durationSeconds).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('noise has no duration', async () => {
    for (const head of [
      '',
      'RIFF\0\0\0\0WAVE',
      'OggS',
      '\x1aE\xdf\xa3',
      '\0\0\0\x08ftyp',
      'fLaC',
    ]) {
      const bytes = Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(20_000, 0xa5)]);
      expect((await probe(bytes)).durationSeconds).toBeNull();
    }
  });
});

test('aliases of content types are accepted, and other types refused', () => {
  expect(acceptedAudioType('audio/X-WAV')).toBe('audio/wav');
  expect(acceptedAudioType('audio/vnd.wave')).toBe('audio/wav');
  expect(acceptedAudioType('audio/mp3')).toBe('audio/mpeg');
  expect(acceptedAudioType('audio/opus')).toBe('audio/ogg');
  expect(acceptedAudioType('audio/x-m4a')).toBe('audio/mp4');
  for (const unsure of ['', 'video/webm', 'Video/MP4', 'application/octet-stream']) {
    expect(acceptedAudioType(unsure)).toBeNull();
  }
  for (const other of ['application/json', 'video/avi', 'audio/aac', 'constructor']) {
    expect(() => acceptedAudioType(other)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_MEDIA_TYPE' }),
    );
  }
});

function box(type: string, ...parts: Buffer[]): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + parts.reduce((sum, part) => sum + part.length, 0));
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, ...parts]);
}
