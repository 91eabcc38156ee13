import type { Context } from '../../context.ts';
import { type Answer, type Answering, answerThread } from '../../kernel/threads/questions.ts';
import { isThreadLimit, threadTask } from '../../kernel/threads/threads.ts';
import type { DecodeQuestion, DecodeResult, DecodeWork } from '../audio/decoding/decode.thread.ts';
import { readRange } from '../audio/read-range.ts';
import { MixedCodecsError, UndecodableError, UnknownFormatError } from '../audio/undecodable.ts';

const DECODE = threadTask<typeof import('../audio/decoding/decode.thread.ts').default>(
  new URL('../audio/decoding/decode.thread.ts', import.meta.url),
);
/** A decoder that asks nothing for this long hangs. */
const MAX_IDLE_MS = 10 * 60_000;
const CHECK_MS = 1_000;
const FAILURES = {
  damaged: UndecodableError,
  'unknown format': UnknownFormatError,
  'mixed codecs': MixedCodecsError,
};

export type DecodeSource =
  | { readonly blobKey: string; readonly declared: DecodeTypes }
  | AsyncIterable<Uint8Array>;
type DecodeTypes = Exclude<DecodeWork['source'], string>['declared'];

export interface DecodeJob {
  readonly make: DecodeWork['make'];
  keepPcm?(pcm: Uint8Array): Promise<void>;
}

/**
 * A thread isolates crashes, hangs and excessive memory. UndecodableError, UnknownFormatError,
 * MixedCodecsError, or an error of the source or of `keepPcm`.
 */
export async function decodeInThread(
  { blobs, audioThreads }: Pick<Context, 'blobs' | 'audioThreads'>,
  source: DecodeSource,
  job: DecodeJob,
): Promise<DecodeResult> {
  const pieces = 'blobKey' in source ? null : source[Symbol.asyncIterator]();
  const answer = async (question: DecodeQuestion): Promise<Answer> => {
    if (question === 'next') return nextOf(pieces);
    if ('pcm' in question) return job.keepPcm?.(question.pcm).then(() => null) ?? null;
    return 'blobKey' in source ? readRange(blobs, source.blobKey, question) : null;
  };
  const bytes = 'blobKey' in source ? await blobs.size(source.blobKey) : 0;
  if (bytes === null) throw new UndecodableError('the recording does not exist');
  using answering = answerThread(answer);
  const { channel } = answering;
  const timeout = new AbortController();
  const checking = setInterval(() => abortIfHanging(answering, timeout), CHECK_MS);
  try {
    const work: DecodeWork = {
      source: 'blobKey' in source ? { declared: source.declared, bytes } : 'wave stream',
      make: job.make,
    };
    const options = { transfer: [channel.port], signal: timeout.signal };
    const result = await audioThreads.run(DECODE, { ...work, channel }, options);
    if (!('reason' in result)) return result;
    throw new FAILURES[result.kind](result.reason);
  } catch (error) {
    if (answering.failure !== undefined) throw answering.failure;
    if (isThreadLimit(error))
      throw new UndecodableError('decoding exceeded its limits', { cause: error });
    throw error;
  } finally {
    clearInterval(checking);
    // Not awaited: it may wait for a piece that never arrives.
    pieces?.return?.()?.catch(() => undefined);
  }
}

async function nextOf(pieces: AsyncIterator<Uint8Array> | null): Promise<Answer> {
  const next = await pieces?.next();
  return !next || next.done ? null : Uint8Array.from(next.value);
}

function abortIfHanging({ busySince }: Answering, timeout: AbortController): void {
  if (busySince !== null && performance.now() - busySince > MAX_IDLE_MS) timeout.abort();
}
