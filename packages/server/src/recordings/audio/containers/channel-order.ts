import { UnknownFormatError } from '../undecodable.ts';

/** Vorbis (and Opus) name the channels of surround sound in another order than WAVE does. */
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

/** For each channel of WAVE that of Vorbis. */
export function waveOrder(channels: number): readonly number[] {
  const order = VORBIS_TO_WAVE[channels];
  if (!order || channels === 0) throw new UnknownFormatError(`${channels} channels`);
  return order;
}
