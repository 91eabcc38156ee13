import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { needsIndex, toMp4 } from './mp3-index.ts';

const read = (path: string) =>
  new Uint8Array(readFileSync(new URL(`../../../../../${path}`, import.meta.url)));
const vbr = read('test/fixtures/audio/vbr-no-xing.mp3');

/** The numbers of a table, after its first fields. */
async function tableOf(file: Blob, type: string, skip: number): Promise<number[]> {
  const bytes = Buffer.from(await file.arrayBuffer());
  const at = bytes.indexOf(type) - 4;
  const end = at + bytes.readUInt32BE(at);
  const numbers: number[] = [];
  for (let place = at + 8 + skip; place < end; place += 4) numbers.push(bytes.readUInt32BE(place));
  return numbers;
}

describe('an MP3 of variable bit rate', () => {
  test('an MP3 needs an index only if its bit rate is variable', () => {
    expect(needsIndex(vbr.subarray(0, 65_536), vbr.length, 45.072)).toBe(true);
    // Even if its first frames are alike.
    expect(needsIndex(vbr.subarray(0, 400), vbr.length, 45.072)).toBe(true);
    const frame = Uint8Array.of(0xff, 0xfb, 0x90, 0xc0, ...Array(413).fill(0));
    const constant = new Uint8Array(Array.from({ length: 100 }, () => [...frame]).flat());
    expect(needsIndex(constant, constant.length, (100 * 1152) / 44_100)).toBe(false);
    expect(needsIndex(new Uint8Array(1000), 1000, 1)).toBe(false);
    expect(needsIndex(new Uint8Array(), 0, 1)).toBe(false);
  });

  test('an MP3 is converted to an MP4 with the position and time of each frame', async () => {
    const file = toMp4(vbr);
    if (!file) throw new Error('it has frames');
    const bytes = Buffer.from(await file.arrayBuffer());
    const places = await tableOf(file, 'stco', 8);
    const sizes = await tableOf(file, 'stsz', 12);
    const [, , frames = 0, samples = 0] = await tableOf(file, 'stts', 0);
    expect((frames * samples) / 16_000).toBeCloseTo(45.072, 3);
    expect([places.length, sizes.length]).toEqual([frames, frames]);
    expect(places.every((place) => bytes[place] === 0xff)).toBe(true);
    // The last frame ends at the end of the file.
    expect((places.at(-1) ?? 0) + (sizes.at(-1) ?? 0)).toBe(bytes.length);
  });

  test('the MP4 of an MP3 with other data between frames has their positions', async () => {
    const noisy = new Uint8Array([...vbr, ...Array(3000).fill(7), ...vbr]);
    const file = toMp4(noisy);
    const [, , frames = 0] = await tableOf(file ?? new Blob(), 'stts', 0);
    expect(frames).toBe(2 * 1252);
  });

  test('a file without MP3 frames is not converted', () => {
    expect(toMp4(new Uint8Array(5000))).toBeNull();
    expect(toMp4(new Uint8Array())).toBeNull();
  });
});
