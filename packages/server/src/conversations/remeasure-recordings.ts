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
  readonly contentTypes?: readonly AudioType[];
  readonly agree: (measuredMs: number, decodedMs: number) => boolean;
}

/** Container durations and decoded durations of the same audio differ by less. */
const TOLERANCE_MS = 250;

/** Earlier releases measured with other parsers; peaks and copies must agree with the duration. */
export const remeasureBackfill = (ctx: RemeasureContext): ComputedBackfill =>
  createMeasureBackfill(ctx, {
    name: 'measure-recordings',
    agree: (measured, decoded) => Math.abs(measured - decoded) <= TOLERANCE_MS,
  });

/** Shorter than the shortest pause that decoding keeps, minus the padding of the last frame. */
const PAUSE_TOLERANCE_MS = 30;

/** Earlier releases decoded without pauses, so peaks and copies were shorter than containers. */
export const pausesBackfill = (ctx: RemeasureContext): ComputedBackfill =>
  createMeasureBackfill(ctx, {
    name: 'keep-pauses-of-recordings',
    contentTypes: ['audio/mp4', 'audio/ogg', 'audio/webm'],
    agree: (measured, decoded) => measured - decoded <= PAUSE_TOLERANCE_MS,
  });

/** Each is read from the blob store, which may take a long time. */
const MAX_BATCH_ROWS = 20;

type Correction = [MeasuredRecording, Remeasured];

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
      const corrections: Correction[] = [];
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
          const now = ctx.clock.now();
          for (const correction of corrections) await writeCorrection(tx, scope, correction, now);
        },
      };
    },
  };
}

async function writeCorrection(
  tx: Tx,
  scope: Scope,
  [recording, { durationMs, needsPeaks }]: Correction,
  now: number,
): Promise<void> {
  const { conversationId } = recording;
  if ((await findHead(tx, scope, conversationId, 'lock'))?.kind !== 'present') return;
  if (!(await correctDuration(tx, scope, recording, durationMs))) return;
  if (needsPeaks) await remakePeaks(tx, scope, recording, now);
  // The muted ranges depend on the duration. The sweep removes the copies.
  await remakeMutedCopies(tx, scope, conversationId, now);
}
