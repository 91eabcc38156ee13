import type { AudioType } from '@colloquy/wire';
import { moved } from '../../../kernel/threads/moved.ts';
import {
  askStarter,
  type QuestionChannel,
  UnansweredError,
} from '../../../kernel/threads/questions.ts';
import type { MutedRange } from '../../derived/muted-store.ts';
import { BlobWindow } from '../blob-window.ts';
import { wavSamples } from '../containers/wav-samples.ts';
import type { BlobRange } from '../read-range.ts';
import { MixedCodecsError, UnknownFormatError } from '../undecodable.ts';
import { withinLimits } from './decode-limits.ts';
import { decodedSamples } from './decoded-samples.ts';
import { mutedPcm } from './muted-pcm.ts';
import { peaksOf } from './peaks.ts';
import type { Samples } from './samples.ts';

export type DecodeQuestion = BlobRange | 'next' | { readonly pcm: Uint8Array };

export interface DecodeWork {
  readonly source: { readonly declared: AudioType; readonly bytes: number } | 'wave stream';
  readonly make: { readonly mutedRanges: readonly MutedRange[] } | 'peaks';
}

export interface DecodeResult {
  readonly sampleRate: number;
  readonly channels: number;
  readonly durationSeconds: number;
  readonly peaks: Uint8Array | null;
}

export interface DecodeFailure {
  readonly reason: string;
  readonly kind: 'damaged' | 'unknown format' | 'mixed codecs';
}

export default async function decode({
  channel,
  source,
  make,
}: DecodeWork & { readonly channel: QuestionChannel }): Promise<DecodeResult | DecodeFailure> {
  // The decoders print every error; a damaged file has thousands.
  console.error = console.log = () => undefined;
  const ask = (question: DecodeQuestion) => askStarter(channel, question);
  try {
    const samples = withinLimits(
      source === 'wave stream'
        ? await wavSamples(piecesFrom(() => ask('next')))
        : await decodedSamples(
            new BlobWindow(source.bytes, (start, length) => {
              return ask({ start, length }) ?? new Uint8Array();
            }),
            source.declared,
          ),
    );
    return make === 'peaks'
      ? await makePeaksText(samples)
      : await sendPcm(channel, samples, make.mutedRanges);
  } catch (error) {
    if (error instanceof UnansweredError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return { reason, kind: kindOf(error) };
  }
}

function kindOf(error: unknown): DecodeFailure['kind'] {
  if (error instanceof UnknownFormatError) return 'unknown format';
  return error instanceof MixedCodecsError ? 'mixed codecs' : 'damaged';
}

async function* piecesFrom(next: () => Uint8Array | null): AsyncGenerator<Uint8Array> {
  for (let piece = next(); piece !== null; piece = next()) yield piece;
}

async function makePeaksText(samples: Samples): Promise<DecodeResult> {
  const { durationSeconds, peaksPerSecond, channels } = await peaksOf(samples);
  const text = JSON.stringify({
    DurationSeconds: durationSeconds,
    PeaksPerSecond: peaksPerSecond,
    Peaks: channels,
  });
  const peaks = new TextEncoder().encode(text);
  const result = { ...formatOf(samples), durationSeconds, peaks };
  return moved(result, [peaks.buffer]);
}

async function sendPcm(
  channel: QuestionChannel,
  samples: Samples,
  mutedRanges: readonly MutedRange[],
): Promise<DecodeResult> {
  let bytes = 0;
  for await (const chunk of mutedPcm(samples, mutedRanges)) {
    if (chunk.length === 0) continue;
    const pcm = Uint8Array.from(chunk);
    bytes += pcm.length;
    askStarter<DecodeQuestion>(channel, { pcm }, [pcm.buffer]);
  }
  const durationSeconds = bytes / 2 / samples.channels / samples.sampleRate;
  return { ...formatOf(samples), durationSeconds, peaks: null };
}

const formatOf = ({ sampleRate, channels }: Samples) => ({ sampleRate, channels });
