import type { AudioType } from '@colloquy/wire';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { NoDecoderError, withFfmpeg } from '../audio/decoding/ffmpeg.ts';
import { MixedCodecsError, UndecodableError, UnknownFormatError } from '../audio/undecodable.ts';
import type { DecodeSource } from './decode-in-thread.ts';

/** Without conversation ids: clients may use phone numbers as ids. */
export interface NamedBlob {
  readonly businessId: number;
  readonly blobKey: string;
}

/** `NoDecoder`: ffmpeg is needed but not installed. */
export type NotDecoded = 'NoDecoder' | 'Undecodable';

export type DecodeContext = Pick<Context, 'blobs' | 'log' | 'config' | 'audioThreads'>;

const CANNOT_DECODE = 'skipped the waveform: the audio cannot be decoded';

const logged = new WeakMap<Context['log'], Set<AudioType>>();

/** With the blob if we can decode it, else with ffmpeg's output. UNAVAILABLE. */
export async function decodeRecording<T extends object>(
  ctx: DecodeContext,
  recording: NamedBlob,
  contentType: AudioType,
  use: (source: DecodeSource) => Promise<T>,
): Promise<T | NotDecoded> {
  const { blobKey } = recording;
  const facts = { ...recording, contentType };
  try {
    return await use({ blobKey, declared: contentType });
  } catch (error) {
    if (!(error instanceof UndecodableError)) throw error;
    if (error instanceof MixedCodecsError) {
      ctx.log.warn({ ...facts, err: error }, CANNOT_DECODE);
      return 'Undecodable';
    }
    try {
      const stream = await ctx.blobs.read(blobKey);
      if (!stream) return 'Undecodable';
      return await withFfmpeg(ctx.config.searchPath, contentType, stream, use);
    } catch (second) {
      if (second instanceof Fault) throw second;
      if (second instanceof NoDecoderError && error instanceof UnknownFormatError) {
        logNeedsFfmpeg(ctx.log, contentType);
        return 'NoDecoder';
      }
      const cause = second instanceof NoDecoderError ? error : second;
      ctx.log.warn({ ...facts, err: cause }, CANNOT_DECODE);
      return 'Undecodable';
    }
  }
}

function logNeedsFfmpeg(log: Context['log'], contentType: AudioType): void {
  const formats = logged.get(log) ?? new Set();
  logged.set(log, formats);
  if (formats.has(contentType)) return;
  formats.add(contentType);
  log.info({ contentType }, 'skipped the waveform: decoding this format needs ffmpeg');
}
