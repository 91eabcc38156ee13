import type { AudioType } from '@colloquy/wire';
import type { Context } from '../../context.ts';
import { answerThread } from '../../kernel/threads/questions.ts';
import { isThreadLimit, threadTask } from '../../kernel/threads/threads.ts';
import type { Measured } from './measure.ts';
import { type BlobRange, readRange } from './read-range.ts';

const PROBE = threadTask<typeof import('./probe.thread.ts').default>(
  new URL('./probe.thread.ts', import.meta.url),
);
/** For a thread that hangs; normal probes end by their budget. */
const MAX_MS = 120_000;

/**
 * The bytes take precedence over `declared` and over header values. A file beyond the budget has no
 * duration. Throws only if the store does not answer.
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
