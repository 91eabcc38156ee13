import type { AudioType } from '@colloquy/wire';
import type { Context } from '../../context.ts';
import { answerThread } from '../../kernel/threads/questions.ts';
import { isThreadLimit, threadTask } from '../../kernel/threads/threads.ts';
import type { Measured } from './measure.ts';
import { type BlobRange, readRange } from './read-range.ts';

const PROBE = threadTask<typeof import('./probe.thread.ts').default>(
  new URL('./probe.thread.ts', import.meta.url),
);
/** The budget ends a probe much earlier; this is for a thread that hangs. */
const MAX_MS = 120_000;

/**
 * Finds out in a thread what a stored blob is and how many seconds of audio it holds. The bytes decide
 * over `declared` and over what a header says. A file that takes too much has no duration; throws only
 * if the store does not answer.
 */
export async function probeAudio(
  { blobs, audioThreads }: Pick<Context, 'blobs' | 'audioThreads'>,
  { key, bytes, declared }: { key: string; bytes: number; declared: AudioType | null },
): Promise<Measured> {
  using answering = answerThread((range: BlobRange) => readRange(blobs, key, range));
  const { channel } = answering;
  try {
    const input = { channel, bytes, declared };
    return await audioThreads.run(PROBE, input, { transfer: [channel.port], timeoutMs: MAX_MS });
  } catch (error) {
    if (answering.failure !== undefined) throw answering.failure;
    if (isThreadLimit(error))
      return { contentType: declared, durationSeconds: null, hasVideo: false };
    throw error;
  }
}
