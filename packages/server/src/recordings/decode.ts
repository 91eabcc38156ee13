import type { AudioType } from '@colloquy/wire';
import type { Context } from '../base/context.ts';
import { Fault } from '../base/fault.ts';
import { NoDecoderError, withFfmpeg } from './audio/ffmpeg.ts';
import { type Samples, UndecodableError, wavSamples } from './audio/wav-samples.ts';

/** A recording by its blob. No ids of a conversation: a client may have chosen a number as one. */
export interface NamedBlob {
  readonly businessId: number;
  readonly blobKey: string;
}

/** `NoDecoder`: it takes ffmpeg, which was not there. */
export type NotDecoded = 'NoDecoder' | 'Undecodable';

/**
 * What `use` makes of the samples of a recording; it may be asked a second time from the beginning. A
 * recording that cannot be decoded is logged. UNAVAILABLE where the store does not answer.
 */
export async function decodeRecording<T extends object>(
  ctx: Pick<Context, 'blobs' | 'log' | 'config'>,
  { businessId, blobKey }: NamedBlob,
  contentType: AudioType,
  use: (samples: Samples) => Promise<T>,
): Promise<T | NotDecoded> {
  const read = async () => {
    const stream = await ctx.blobs.read(blobKey);
    if (!stream) throw new UndecodableError('the recording is not there');
    return stream;
  };
  const ofWav = async (wav: AsyncIterable<Uint8Array>) => use(await wavSamples(wav));
  const byFfmpeg = async () => withFfmpeg(ctx.config.searchPath, contentType, await read(), ofWav);
  try {
    if (contentType !== 'audio/wav') return await byFfmpeg();
    // ffmpeg knows more kinds of WAVE than we do.
    const stream = await read();
    return await ofWav(stream)
      .finally(() => stream.destroy())
      .catch((error: unknown) => {
        if (error instanceof UndecodableError) return byFfmpeg();
        throw error;
      });
  } catch (error) {
    if (error instanceof Fault) throw error;
    const facts = { businessId, blobKey, contentType };
    if (error instanceof NoDecoderError) {
      ctx.log.info(facts, 'a recording was not decoded: that takes ffmpeg');
      return 'NoDecoder';
    }
    ctx.log.warn({ ...facts, err: error }, 'a recording could not be decoded');
    return 'Undecodable';
  }
}
