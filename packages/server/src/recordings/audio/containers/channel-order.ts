import { UnknownFormatError } from '../undecodable.ts';

/** Vorbis and Opus order surround channels differently from WAVE. */
const VORBIS_TO_WAVE: readonly (readonly number[])[] = [
  [],
  [0],
  [0, 1],
  [0, 2, 1],
  [0, 1, 2, 3],
  [0, 2, 1, 3, 4],
  [0, 2, 1, 5, 3, 4],
  [0, 2, 1, 6, 5, 3, 4],
  [0, 2, 1, 7, 5, 6, 3, 4],
];

export function waveOrder(channels: number): readonly number[] {
  const order = VORBIS_TO_WAVE[channels];
  if (!order || channels === 0) throw new UnknownFormatError(`${channels} channels`);
  return order;
}
