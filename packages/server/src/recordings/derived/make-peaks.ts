import { Readable } from 'node:stream';
import { systemScope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { saneSeconds } from '../audio/duration.ts';
import { discardUpload } from '../storage/store.ts';
import { registerUpload, takeUpload } from '../storage/unclaimed-store.ts';
import { type DecodeContext, decodeRecording, type NamedBlob } from './decode.ts';
import { decodeInThread } from './decode-in-thread.ts';
import { findRecordingOf, setPeaks } from './peaks-store.ts';

/**
 * Also stores the decoded duration, with which peaks and muted copies agree. Returns the
 * conversation; null if the recording no longer exists. Throws if store or database do not answer;
 * retry then.
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
    await setPeaks(ctx.db, scope, blobKey, { state, peaksKey: null, durationMs: null });
    return found.conversationId;
  }
  const { durationSeconds, peaks } = made;
  const peaksKey = await registerUpload(ctx.db, scope, ctx.clock.now());
  await ctx.blobs.put(peaksKey, Readable.from([peaks]), 'application/json');
  const isKept = await ctx.db
    .transaction(async (tx) => {
      if (!(await takeUpload(tx, scope, peaksKey))) return false;
      const durationMs = Math.round(durationSeconds * 1000);
      const stored = { state: 'Made', peaksKey, durationMs } as const;
      if (await setPeaks(tx, scope, blobKey, stored)) return true;
      throw new NotKept();
    })
    .catch((error: unknown) => {
      if (error instanceof NotKept) return false;
      throw error;
    });
  if (!isKept) await discardUpload(ctx, scope, { blobKey: peaksKey });
  return found.conversationId;
}

class NotKept extends Error {}
