import { randomBytes } from 'node:crypto';
import type { AudioType } from '@colloquy/wire';
import { systemScope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { unnamedFile } from '../audio/containers/unnamed-file.ts';
import { wavHeader } from '../audio/decoding/muted-pcm.ts';
import { registerUpload } from '../storage/unclaimed-store.ts';
import { type DecodeContext, decodeRecording, type NamedBlob } from './decode.ts';
import { decodeInThread } from './decode-in-thread.ts';
import type { MutedRange, MutedState } from './muted-store.ts';

export interface MadeCopy {
  readonly state: MutedState;
  /** Registered as an upload; null if no copy was made. */
  readonly blobKey: string | null;
  readonly bytes: number | null;
}

/**
 * Makes a WAVE copy of a recording that is muted in `ranges`. Throws if the store or the folder of
 * temporary files fails; retry then.
 */
export async function makeMutedCopy(
  ctx: DecodeContext & Pick<Context, 'db' | 'clock'>,
  recording: NamedBlob,
  contentType: AudioType,
  ranges: readonly MutedRange[],
): Promise<MadeCopy> {
  const scope = systemScope(recording.businessId);
  const made = await decodeRecording(ctx, recording, contentType, async (source) => {
    await using closing = new AsyncDisposableStack();
    // The header contains the length, which is known only after decoding.
    const pcm = await unnamedFile(closing);
    const { sampleRate, channels } = await decodeInThread(ctx, source, {
      make: { mutedRanges: ranges },
      keepPcm: (piece) => pcm.append(piece),
    });
    const blobKey = `${scope.businessId}/${randomBytes(16).toString('hex')}`;
    // Registered as an upload, so that the sweep removes it after a crash.
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
