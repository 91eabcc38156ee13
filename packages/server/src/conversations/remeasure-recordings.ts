import { type Scope, systemScope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import type { Tx } from '../base/db.ts';
import type { ComputedBackfill } from '../base/jobs/backfill.ts';
import { countRecordings } from '../recordings/claims-store.ts';
import { type Remeasured, remeasure } from '../recordings/remeasure.ts';
import {
  correctDuration,
  listMeasured,
  type MeasuredRecording,
  makePeaksAgain,
} from '../recordings/remeasure-store.ts';
import { findHead } from './head-store.ts';
import { remakeSilenced } from './silence.ts';

/** Each is read from the store, which may take long. */
const MAX_BATCH_ROWS = 20;

/**
 * Measures recordings that an earlier release measured with other parsers, so that `DurationSeconds`,
 * peaks and silenced copies agree. Peaks and copies of another length are made again.
 */
export function remeasureBackfill(
  ctx: Pick<Context, 'blobs' | 'audioThreads' | 'clock'>,
): ComputedBackfill {
  return {
    name: 'measure-recordings',
    firstKey: ['', ''],
    maxBatchRows: MAX_BATCH_ROWS,
    countRows: (db, businessId) => countRecordings(db, systemScope(businessId)),
    async prepareBatch(db, businessId, [conversationId, participantId], limit) {
      const scope = systemScope(businessId);
      const after = [String(conversationId), String(participantId)] as const;
      const recordings = await listMeasured(db, scope, after, limit);
      const corrections: [MeasuredRecording, Remeasured][] = [];
      for (const recording of recordings) {
        const right = await remeasure(ctx, recording);
        if (right && (right.needsPeaks || right.durationMs !== recording.durationMs)) {
          corrections.push([recording, right]);
        }
      }
      const last = recordings.at(-1);
      return {
        last: last ? [last.conversationId, last.participantId] : null,
        rows: recordings.length,
        async write(tx) {
          for (const [recording, right] of corrections) {
            await correct(tx, scope, recording, right, ctx.clock.now());
          }
        },
      };
    },
  };
}

async function correct(
  tx: Tx,
  scope: Scope,
  recording: MeasuredRecording,
  { durationMs, needsPeaks }: Remeasured,
  now: number,
): Promise<void> {
  const { conversationId } = recording;
  const head = await findHead(tx, scope, conversationId, 'lock');
  if (head?.kind !== 'there') return;
  if (!(await correctDuration(tx, scope, recording, durationMs))) return;
  if (needsPeaks) await makePeaksAgain(tx, scope, recording, now);
  // What is silenced depends on how long the recording is. The sweep removes the copies.
  await remakeSilenced(tx, scope, conversationId, now);
}
