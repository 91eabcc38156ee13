import type { AudioType } from '@colloquy/wire';
import { askStarter, type QuestionChannel } from '../../kernel/threads/questions.ts';
import { BlobWindow } from './blob-window.ts';
import { type Measured, measureAudio } from './measure.ts';
import type { BlobRange } from './read-range.ts';

/** Twice what a day of 20 ms frames needs, which is read in less than a second. */
const BUDGET = { reads: 10_000_000, cpuMs: 2_000 };

interface ProbeInput {
  readonly channel: QuestionChannel;
  readonly bytes: number;
  readonly declared: AudioType | null;
}

export default function probe({ channel, bytes, declared }: ProbeInput): Measured {
  const load = (start: number, length: number) =>
    askStarter<BlobRange>(channel, { start, length }) ?? new Uint8Array();
  return measureAudio(new BlobWindow(bytes, load, BUDGET), declared);
}
