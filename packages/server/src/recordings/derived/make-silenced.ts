import { randomBytes } from 'node:crypto';
import type { AudioType } from '@colloquy/wire';
import { systemScope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { unnamedFile } from '../audio/containers/unnamed-file.ts';
import { wavHeader } from '../audio/decoding/silence.ts';
import { registerUpload } from '../storage/unclaimed-blobs.ts';
import { type DecodeContext, decodeRecording, type NamedBlob } from './decode.ts';
import { decodeInThread } from './decode-in-thread.ts';
import type { SilencedState, SilentStretch } from './silenced-store.ts';

export interface MadeCopy {
  readonly state: SilencedState;
  /** A blob that is registered as an upload, where a copy was made. */
  readonly blobKey: string | null;
  readonly bytes: number | null;
}

/**
 * Makes a WAVE of a recording that is silent in some stretches. Throws where the store or the folder
 * of temporary files does not do it; it is to be done again then.
 */
export async function makeSilenced(
  ctx: DecodeContext & Pick<Context, 'db' | 'clock'>,
  recording: NamedBlob,
  contentType: AudioType,
  stretches: readonly SilentStretch[],
): Promise<MadeCopy> {
  const scope = systemScope(recording.businessId);
  const made = await decodeRecording(ctx, recording, contentType, async (source) => {
    await using closing = new AsyncDisposableStack();
    // The header comes first and says how long it is, which is known at the end.
    const pcm = await unnamedFile(closing);
    const { sampleRate, channels } = await decodeInThread(ctx, source, {
      make: { silentIn: stretches },
      keepPcm: (piece) => pcm.append(piece),
    });
    const blobKey = `${scope.businessId}/${randomBytes(16).toString('hex')}`;
    // As an upload: a crash at any point leaves nothing that is not swept.
    await registerUpload(ctx.db, scope, blobKey, ctx.clock.now());
    async function* wav() {
      yield wavHeader({ sampleRate, channels }, pcm.bytes) as Uint8Array;
      yield* pcm.read();
    }
    const { bytes } = await ctx.blobs.put(blobKey, wav(), 'audio/wav');
    return { blobKey, bytes };
  });
  if (made === 'NoDecoder') return { state: 'NoDecoder', blobKey: null, bytes: null };
  if (made === 'Undecodable') {
    return { state: 'Impossible', blobKey: null, bytes: null };
  }
  return { state: 'Made', ...made };
}
