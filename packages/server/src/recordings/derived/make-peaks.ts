import { randomBytes } from 'node:crypto';
import { systemScope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { saneSeconds } from '../audio/duration.ts';
import { dropReceived } from '../storage/store.ts';
import { registerUpload, takeUpload } from '../storage/unclaimed-blobs.ts';
import { type DecodeContext, decodeRecording, type NamedBlob } from './decode.ts';
import { decodeInThread } from './decode-in-thread.ts';
import { findRecordingOf, setPeaks } from './peaks-store.ts';

/**
 * Makes the peaks of a recording, keeps them beside it, and notes the duration of what was decoded,
 * with which peaks and silenced copies agree; gives its conversation, or null where it is not there any more. Throws where the store or the
 * database does not answer; it is to be done again then.
 */
export async function makePeaks(
  ctx: DecodeContext & Pick<Context, 'db' | 'clock'>,
  recording: NamedBlob,
): Promise<string | null> {
  const scope = systemScope(recording.businessId);
  const { blobKey } = recording;
  const found = await findRecordingOf(ctx.db, scope, blobKey);
  if (!found) return null;
  if (found.peaksKey !== null) return found.conversationId;
  const made = await decodeRecording(ctx, recording, found.contentType, (source) =>
    decodeInThread(ctx, source, { make: 'peaks' }),
  );
  if (typeof made === 'string' || !made.peaks || saneSeconds(made.durationSeconds) === null) {
    const state = typeof made === 'string' ? made : 'Undecodable';
    await setPeaks(ctx.db, scope, blobKey, state, null, null);
    return found.conversationId;
  }
  const { durationSeconds, peaks } = made;
  const peaksKey = `${scope.businessId}/${randomBytes(16).toString('hex')}`;
  // As an upload: a crash at any point leaves nothing that is not swept.
  await registerUpload(ctx.db, scope, peaksKey, ctx.clock.now());
  await ctx.blobs.put(peaksKey, one(peaks), 'application/json');
  const isKept = await ctx.db
    .transaction(async (tx) => {
      if (!(await takeUpload(tx, scope, peaksKey))) return false;
      const durationMs = Math.round(durationSeconds * 1000);
      if (await setPeaks(tx, scope, blobKey, 'Made', peaksKey, durationMs)) return true;
      // Replaced or erased meanwhile.
      throw new NotKept();
    })
    .catch((error: unknown) => {
      if (error instanceof NotKept) return false;
      throw error;
    });
  if (!isKept) await dropReceived(ctx, scope, { blobKey: peaksKey });
  return found.conversationId;
}

class NotKept extends Error {}

async function* one(bytes: Uint8Array) {
  yield bytes;
}
