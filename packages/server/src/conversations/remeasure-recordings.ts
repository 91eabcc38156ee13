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
  remakePeaks,
} from '../recordings/derived/remeasure-store.ts';
import { countRecordings } from '../recordings/storage/claims-store.ts';
import { remakeMutedCopies } from './masking/mute.ts';
import { findHead } from './read/head-store.ts';

type RemeasureContext = Pick<Context, 'blobs' | 'audioThreads' | 'clock'>;

interface Stale {
  readonly name: string;
  /** Default: every type. */
  readonly contentTypes?: readonly AudioType[];
  /** Compares milliseconds. */
  readonly agree: (measured: number, decoded: number) => boolean;
}

/** Container durations and decoded durations of the same audio differ by less. */
const TOLERANCE_MS = 250;

/**
 * Measures recordings again that an earlier release measured with other parsers, so that `DurationSeconds`,
 * peaks and muted copies agree. Makes peaks and copies again if their length differs.
 */
export const remeasureBackfill = (ctx: RemeasureContext): ComputedBackfill =>
  createMeasureBackfill(ctx, {
    name: 'measure-recordings',
    agree: (measured, decoded) => Math.abs(measured - decoded) <= TOLERANCE_MS,
  });

/** Shorter than the shortest pause that decoding keeps, minus the padding of the last frame. */
const PAUSE_TOLERANCE_MS = 30;

/**
 * Makes peaks and muted copies again that an earlier release decoded without pauses, so that they are
 * shorter than their containers.
 */
export const pausesBackfill = (ctx: RemeasureContext): ComputedBackfill =>
  createMeasureBackfill(ctx, {
    name: 'keep-pauses-of-recordings',
    contentTypes: ['audio/mp4', 'audio/ogg', 'audio/webm'],
    agree: (measured, decoded) => measured - decoded <= PAUSE_TOLERANCE_MS,
  });

/** Each is read from the blob store, which may take a long time. */
const MAX_BATCH_ROWS = 20;

function createMeasureBackfill(
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
            await writeCorrection(tx, scope, recording, right, ctx.clock.now());
          }
        },
      };
    },
  };
}

async function writeCorrection(
  tx: Tx,
  scope: Scope,
  recording: MeasuredRecording,
  { durationMs, needsPeaks }: Remeasured,
  now: number,
): Promise<void> {
  const { conversationId } = recording;
  const head = await findHead(tx, scope, conversationId, 'lock');
  if (head?.kind !== 'present') return;
  if (!(await correctDuration(tx, scope, recording, durationMs))) return;
  if (needsPeaks) await remakePeaks(tx, scope, recording, now);
  // The muted ranges depend on the duration. The sweep removes the copies.
  await remakeMutedCopies(tx, scope, conversationId, now);
}
