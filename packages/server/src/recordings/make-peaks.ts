import { randomBytes } from 'node:crypto';
import { systemScope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import { Fault } from '../base/fault.ts';
import { NoDecoderError, withFfmpeg } from './audio/ffmpeg.ts';
import { type Peaks, peaksOf } from './audio/peaks.ts';
import { UndecodableError, wavSamples } from './audio/wav-samples.ts';
import { findPeaks, type NamedRecording, type PeaksOf, setPeaks } from './peaks-store.ts';
import { dropReceived } from './store.ts';
import { registerUpload, takeUpload } from './unclaimed-blobs.ts';

/**
 * Makes the peaks of a recording, keeps them beside it, and notes its duration where that was not known.
 * Throws where the store or the database does not answer; it is to be done again then.
 */
export async function makePeaks(
  ctx: Pick<Context, 'db' | 'blobs' | 'clock' | 'log' | 'config'>,
  recording: NamedRecording,
): Promise<void> {
  const scope = systemScope(recording.businessId);
  const { conversationId, participantId, blobKey } = recording;
  const found = await findPeaks(ctx.db, scope, conversationId, participantId);
  if (!found || found.blobKey !== blobKey || found.peaksKey !== null) return;
  const peaks = await decode(ctx, recording, found);
  if (!peaks) return;
  const { durationSeconds, peaksPerSecond, channels } = peaks;
  const text = JSON.stringify({
    DurationSeconds: durationSeconds,
    PeaksPerSecond: peaksPerSecond,
    Peaks: channels,
  });
  const peaksKey = `${scope.businessId}/${randomBytes(16).toString('hex')}`;
  // As an upload: a crash at any point leaves nothing that is not swept.
  await registerUpload(ctx.db, scope, peaksKey, ctx.clock.now());
  await ctx.blobs.put(peaksKey, one(Buffer.from(text)), 'application/json');
  const isKept = await ctx.db
    .transaction(async (tx) => {
      if (!(await takeUpload(tx, scope, peaksKey))) return false;
      const durationMs = Math.round(durationSeconds * 1000);
      if (await setPeaks(tx, recording, 'Made', peaksKey, durationMs)) return true;
      // Replaced or erased meanwhile.
      throw new NotKept();
    })
    .catch((error: unknown) => {
      if (error instanceof NotKept) return false;
      throw error;
    });
  if (!isKept) await dropReceived(ctx, scope, { blobKey: peaksKey });
}

class NotKept extends Error {}

async function* one(bytes: Uint8Array) {
  yield bytes;
}

/** null where it cannot be decoded, which is noted. */
async function decode(
  ctx: Pick<Context, 'db' | 'blobs' | 'log' | 'config'>,
  recording: NamedRecording,
  { contentType }: PeaksOf,
): Promise<Peaks | null> {
  const read = async () => {
    const stream = await ctx.blobs.read(recording.blobKey);
    if (!stream) throw new UndecodableError('the recording is not there');
    return stream;
  };
  const ofWav = async (wav: AsyncIterable<Uint8Array>) => peaksOf(await wavSamples(wav));
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
    // No ids: a client may have chosen a number as one.
    const { businessId, blobKey } = recording;
    const facts = { businessId, blobKey, contentType };
    if (error instanceof NoDecoderError) {
      ctx.log.info(facts, 'no waveform was made of a recording: that takes ffmpeg');
      await setPeaks(ctx.db, recording, 'NoDecoder', null, null);
      return null;
    }
    ctx.log.warn({ ...facts, err: error }, 'a recording could not be decoded');
    await setPeaks(ctx.db, recording, 'Undecodable', null, null);
    return null;
  }
}
