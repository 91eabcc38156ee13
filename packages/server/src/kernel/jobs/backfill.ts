import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Metrics } from '../metrics.ts';
import type { Database, Db, Tx } from '../postgres/database.ts';
import { addBackfillGauges } from './backfill-metrics.ts';
import {
  addBackfillJob,
  type BackfillProgress,
  backfillFinder,
  beginBackfill,
  listBackfills,
  lockBackfill,
  type RowKey,
  registerBackfills,
  saveBatch,
  saveFailure,
} from './backfill-store.ts';
import { restAfter } from './rest.ts';

export type { BackfillProgress, RowKey };

export interface Batch {
  /** The key of the last row; null if no row is left after `after`. */
  readonly last: RowKey | null;
  readonly rows: number;
}

interface NamedBackfill {
  /** Stored in the database, so a name is never reused for another change. */
  readonly name: string;
  readonly firstKey: RowKey;
  readonly maxBatchRows?: number;
  countRows(db: Db, businessId: number): Promise<number>;
}

export interface StatementBackfill extends NamedBackfill {
  /** Changes up to `limit` rows after a key, in the transaction that saves the position. */
  runBatch(tx: Tx, businessId: number, after: RowKey, limit: number): Promise<Batch>;
}

export interface PreparedBatch extends Batch {
  /** Saves new values. Skips rows that changed since they were read: those have the new form. */
  write(tx: Tx): Promise<void>;
}

/** For new values that take too long to compute in a transaction. */
export interface ComputedBackfill extends NamedBackfill {
  /** Reads up to `limit` rows after a key and computes values, outside of any transaction. */
  prepareBatch(db: Db, businessId: number, after: RowKey, limit: number): Promise<PreparedBatch>;
}

/** Batches are repeatable and walk the table by a keyset; writers already write the new form. */
export type Backfill = StatementBackfill | ComputedBackfill;

export interface Backfills {
  /** True if nothing is due, on a cluster among the next businesses; false after the time limit. Safe on several nodes at a time. */
  run(milliseconds?: number): Promise<boolean>;
  addJob(): Promise<void>;
  /** Businesses created after a backfill was registered have no progress. */
  progressOf(businessId: number): Promise<BackfillProgress[]>;
  stop(): void;
}

interface BackfillContext {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const DEFAULT_BATCH_ROWS = 200;
const DEFAULT_RUN_MILLISECONDS = 50_000;
/** A faster batch doubles the next one; one that takes twice as long halves it. */
const BATCH_MILLISECONDS = 50;
const MIN_RETRY_MILLISECONDS = 10_000;
const MAX_RETRY_MILLISECONDS = 3_600_000;

export function openBackfills(ctx: BackfillContext, backfills: readonly Backfill[]): Backfills {
  const byName = new Map(backfills.map((backfill) => [backfill.name, backfill]));
  if (byName.size < backfills.length) throw new Error('two backfills have the same name');
  const names = [...byName.keys()];
  const limits = new BatchLimits();
  const findNext = backfillFinder(names);
  const stopping = new AbortController();
  let isRegistered = false;
  addBackfillGauges(ctx, names);

  async function register(): Promise<void> {
    if (isRegistered || names.length === 0) return;
    await registerBackfills(ctx.db, names, ctx.clock.now());
    isRegistered = true;
  }

  return {
    async run(milliseconds = DEFAULT_RUN_MILLISECONDS) {
      await register();
      const until = performance.now() + milliseconds;
      for (;;) {
        const next = await findNext(ctx.db, ctx.clock.now());
        const backfill = next && byName.get(next.name);
        if (!next || !backfill) return true;
        const startedAt = performance.now();
        if (stopping.signal.aborted) return false;
        if (startedAt >= until) {
          await addBackfillJob(ctx.db);
          return false;
        }
        const isMine = await runBatch(ctx, backfill, next, limits);
        if (!isMine) return false;
        await restAfter(ctx.metrics, performance.now() - startedAt, stopping.signal);
      }
    },
    async addJob() {
      await register();
      if (await findNext(ctx.db, ctx.clock.now())) await addBackfillJob(ctx.db);
    },
    progressOf: (businessId) => listBackfills(ctx.db, businessId, names),
    stop: () => stopping.abort(),
  };
}

async function runBatch(
  ctx: BackfillContext,
  backfill: Backfill,
  progress: BackfillProgress,
  limits: BatchLimits,
): Promise<boolean> {
  const { businessId, name, failures } = progress;
  const startedAt = performance.now();
  const limit = limits.of(progress, backfill.maxBatchRows ?? DEFAULT_BATCH_ROWS);
  try {
    if (progress.startedAt === null) await startBackfill(ctx, backfill, progress);
    const batch = await writeBatch(ctx, backfill, progress, limit);
    if (!batch) return false;
    limits.learn(progress, limit, performance.now() - startedAt);
    if (batch.last === null) ctx.log.info({ backfill: name, businessId }, 'a backfill is finished');
  } catch (error) {
    limits.shrink(progress);
    const delay = Math.min(MIN_RETRY_MILLISECONDS * 2 ** failures, MAX_RETRY_MILLISECONDS);
    ctx.log.error(
      { err: error, backfill: name, businessId, retrySeconds: delay / 1000 },
      'a batch of a backfill failed and will be retried',
    );
    await saveFailure(ctx.db, progress, describeError(error), ctx.clock.now() + delay);
  }
  return true;
}

async function startBackfill(ctx: BackfillContext, backfill: Backfill, progress: BackfillProgress) {
  const rows = await backfill.countRows(ctx.db, progress.businessId).catch((err: unknown) => {
    ctx.log.warn({ err, backfill: backfill.name }, 'the rows of a backfill were not counted');
    return null;
  });
  await beginBackfill(ctx.db, progress, ctx.clock.now(), rows);
}

async function writeBatch(
  { db, clock }: BackfillContext,
  backfill: Backfill,
  progress: BackfillProgress,
  limit: number,
): Promise<Batch | null> {
  const { businessId } = progress;
  const after = progress.position ?? backfill.firstKey;
  const prepared =
    'prepareBatch' in backfill ? await backfill.prepareBatch(db, businessId, after, limit) : null;
  return db.transaction(async (tx) => {
    if (!(await lockBackfill(tx, progress))) return null;
    await prepared?.write(tx);
    const batch =
      'runBatch' in backfill ? await backfill.runBatch(tx, businessId, after, limit) : prepared;
    if (batch) await saveBatch(tx, progress, batch, clock.now());
    return batch;
  });
}

/** Messages may quote content, so only the log has them. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  const { name } = error.constructor;
  return 'code' in error && typeof error.code === 'string' ? `${name} ${error.code}` : name;
}

class BatchLimits {
  readonly #limits = new Map<string, number>();

  of(progress: BackfillProgress, max: number): number {
    return Math.min(this.#limits.get(keyOf(progress)) ?? Math.ceil(max / 4), max);
  }

  learn(progress: BackfillProgress, limit: number, milliseconds: number): void {
    if (milliseconds < BATCH_MILLISECONDS) this.#limits.set(keyOf(progress), limit * 2);
    else if (milliseconds > 2 * BATCH_MILLISECONDS)
      this.#limits.set(keyOf(progress), Math.max(1, Math.floor(limit / 2)));
  }

  /** Row by row, so all rows before the failing one are done. */
  shrink(progress: BackfillProgress): void {
    this.#limits.set(keyOf(progress), 1);
  }
}

const keyOf = ({ businessId, name }: BackfillProgress) => `${businessId} ${name}`;
