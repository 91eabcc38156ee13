import type { AudioType } from '@colloquy/wire';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { NoDecoderError, withFfmpeg } from '../audio/decoding/ffmpeg.ts';
import { MixedCodecsError, UndecodableError, UnknownFormatError } from '../audio/undecodable.ts';
import type { DecodeSource } from './decode-in-thread.ts';

/** A recording by its blob. No ids of a conversation: a client may have chosen a number as one. */
export interface NamedBlob {
  readonly businessId: number;
  readonly blobKey: string;
}

/** `NoDecoder`: it takes ffmpeg, which was not there. */
export type NotDecoded = 'NoDecoder' | 'Undecodable';

export type DecodeContext = Pick<Context, 'blobs' | 'log' | 'config' | 'audioThreads'>;

const CANNOT_DECODE = 'skipped the waveform: the audio cannot be decoded';

/** Formats that the log has already said of that they need ffmpeg, since this process started. */
const logged = new WeakMap<Context['log'], Set<AudioType>>();

/**
 * What `use` makes of a recording: of the blob itself, which our own decoders read, else of what ffmpeg
 * makes of it. A recording that cannot be decoded is logged. UNAVAILABLE if the store does not answer.
 */
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
