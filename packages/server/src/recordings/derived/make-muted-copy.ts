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
  readonly blobKey: string | null;
  readonly bytes: number | null;
}

/** Throws if the store or the folder of temporary files fails; retry then. */
export async function makeMutedCopy(
  ctx: DecodeContext & Pick<Context, 'db' | 'clock'>,
  recording: NamedBlob,
  contentType: AudioType,
  ranges: readonly MutedRange[],
): Promise<MadeCopy> {
  const scope = systemScope(recording.businessId);
  const made = await decodeRecording(ctx, recording, contentType, async (source) => {
    await using closing = new AsyncDisposableStack();
    const pcm = await unnamedFile(closing);
    const { sampleRate, channels } = await decodeInThread(ctx, source, {
      make: { mutedRanges: ranges },
      keepPcm: (piece) => pcm.append(piece),
    });
    const blobKey = await registerUpload(ctx.db, scope, ctx.clock.now());
    async function* wav() {
      yield wavHeader({ sampleRate, channels }, pcm.bytes) as Uint8Array;
      yield* pcm.read();
    }
    const { bytes } = await ctx.blobs.put(blobKey, wav(), 'audio/wav');
    return { blobKey, bytes };
  });
  if (typeof made !== 'string') return { state: 'Made', ...made };
  const state = made === 'NoDecoder' ? 'NoDecoder' : 'Impossible';
  return { state, blobKey: null, bytes: null };
}
