import type { Context } from '../../context.ts';
import { type Answer, type Answering, answerThread } from '../../kernel/threads/questions.ts';
import { isThreadLimit, threadTask } from '../../kernel/threads/threads.ts';
import type { DecodeQuestion, DecodeResult, DecodeWork } from '../audio/decoding/decode.thread.ts';
import { readRange } from '../audio/read-range.ts';
import { MixedCodecsError, UndecodableError, UnknownFormatError } from '../audio/undecodable.ts';

const DECODE = threadTask<typeof import('../audio/decoding/decode.thread.ts').default>(
  new URL('../audio/decoding/decode.thread.ts', import.meta.url),
);
/** A decoder that asks for nothing for that long hangs, also on a machine that has much to do. */
const MAX_SILENCE_MS = 10 * 60_000;
const CHECK_MS = 1_000;
const FAILURES = {
  damaged: UndecodableError,
  'unknown format': UnknownFormatError,
  'mixed codecs': MixedCodecsError,
};

/** What is decoded: a blob as it is stored, or the WAVE that ffmpeg makes of it. */
export type DecodeSource =
  | { readonly blobKey: string; readonly declared: DecodeTypes }
  | AsyncIterable<Uint8Array>;
type DecodeTypes = Exclude<DecodeWork['source'], string>['declared'];

export interface DecodeJob {
  readonly make: DecodeWork['make'];
  /** Takes the PCM of a copy. */
  keepPcm?(pcm: Uint8Array): Promise<void>;
}

/**
 * Decodes in a thread, in which a decoder that crashes, hangs or takes too much memory fails alone.
 * UndecodableError, UnknownFormatError, MixedCodecsError, or what the source or `keepPcm` throws.
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
  if (bytes === null) throw new UndecodableError('the recording is not there');
  using answering = answerThread(answer);
  const { channel } = answering;
  const hang = new AbortController();
  const checking = setInterval(() => abortIfHanging(answering, hang), CHECK_MS);
  try {
    const work: DecodeWork = {
      source: 'blobKey' in source ? { declared: source.declared, bytes } : 'wave stream',
      make: job.make,
    };
    const options = { transfer: [channel.port], signal: hang.signal };
    const result = await audioThreads.run(DECODE, { ...work, channel }, options);
    if (!('reason' in result)) return result;
    throw new FAILURES[result.kind](result.reason);
  } catch (error) {
    if (answering.failure !== undefined) throw answering.failure;
    if (isThreadLimit(error))
      throw new UndecodableError('decoding took too much', { cause: error });
    throw error;
  } finally {
    clearInterval(checking);
    // Not awaited: it waits for a piece that may never come until the caller ends the source.
    pieces?.return?.()?.catch(() => undefined);
  }
}

async function nextOf(pieces: AsyncIterator<Uint8Array> | null): Promise<Answer> {
  const next = await pieces?.next();
  return !next || next.done ? null : Uint8Array.from(next.value);
}

function abortIfHanging({ busySince }: Answering, hang: AbortController): void {
  if (busySince !== null && performance.now() - busySince > MAX_SILENCE_MS) hang.abort();
}
