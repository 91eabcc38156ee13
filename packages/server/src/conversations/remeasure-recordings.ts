import type { AudioType } from '@colloquy/wire';
import { type Scope, systemScope } from '../access/authorization/scope.ts';
import type { Context } from '../context.ts';
import type { ComputedBackfill } from '../kernel/jobs/backfill.ts';
import type { Tx } from '../kernel/postgres/database.ts';
import { type Remeasured, remeasure } from '../recordings/derived/remeasure.ts';
import {
  correctDuration,
  listMeasured,
  type MeasuredRecording,
  makePeaksAgain,
} from '../recordings/derived/remeasure-store.ts';
import { countRecordings } from '../recordings/storage/claims-store.ts';
import { remakeSilenced } from './masking/silence.ts';
import { findHead } from './read/head-store.ts';

type RemeasureContext = Pick<Context, 'blobs' | 'audioThreads' | 'clock'>;

/** Which recordings are measured again. */
interface Stale {
  readonly name: string;
  /** Absent: of every type. */
  readonly contentTypes?: readonly AudioType[];
  /** Whether decoded peaks are right for the length that is measured; both in milliseconds. */
  readonly agree: (measured: number, decoded: number) => boolean;
}

/** What containers say and what is decoded of the same audio differs by less. */
const TOLERANCE_MS = 250;

/**
 * Measures recordings that an earlier release measured with other parsers, so that `DurationSeconds`,
 * peaks and silenced copies agree. Peaks and copies of another length are made again.
 */
export const remeasureBackfill = (ctx: RemeasureContext): ComputedBackfill =>
  measureAgain(ctx, {
    name: 'measure-recordings',
    agree: (measured, decoded) => Math.abs(measured - decoded) <= TOLERANCE_MS,
  });

/** The shortest pause that is kept is longer, also less what a decoder adds to complete the last frame. */
const PAUSE_TOLERANCE_MS = 30;

/**
 * Finds recordings with pauses that an earlier release left out when it decoded them, so that their peaks and
 * silenced copies are shorter than their containers say. Both are made again.
 */
export const pausesBackfill = (ctx: RemeasureContext): ComputedBackfill =>
  measureAgain(ctx, {
    name: 'keep-pauses-of-recordings',
    contentTypes: ['audio/mp4', 'audio/ogg', 'audio/webm'],
    agree: (measured, decoded) => measured - decoded <= PAUSE_TOLERANCE_MS,
  });

/** Each is read from the store, which may take long. */
const MAX_BATCH_ROWS = 20;

function measureAgain(
  ctx: RemeasureContext,
  { name, contentTypes, agree }: Stale,
): ComputedBackfill {
  return {
    name,
    firstKey: ['', ''],
    maxBatchRows: MAX_BATCH_ROWS,
    countRows: (db, businessId) => countRecordings(db, systemScope(businessId)),
    async prepareBatch(db, businessId, [conversationId, participantId], limit) {
      const scope = systemScope(businessId);
      const after = [String(conversationId), String(participantId)] as const;
      const recordings = await listMeasured(db, scope, after, limit);
      const corrections: [MeasuredRecording, Remeasured][] = [];
      for (const recording of recordings) {
        if (contentTypes && !contentTypes.includes(recording.contentType)) continue;
        const right = await remeasure(ctx, recording, agree);
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
