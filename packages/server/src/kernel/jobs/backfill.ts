import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Metrics } from '../metrics.ts';
import type { Database, Db, Tx } from '../postgres/database.ts';
import { addBackfillGauges } from './backfill-metrics.ts';
import {
  addBackfillJob,
  type BackfillProgress,
  beginBackfill,
  findNextBackfill,
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
  /** The key of its last row; null: no row is left after `after`. */
  readonly last: RowKey | null;
  /** How many rows it has looked at. */
  readonly rows: number;
}

interface NamedBackfill {
  /** Kept in the database: a name is never used for another change. */
  readonly name: string;
  /** A key before that of every row. */
  readonly firstKey: RowKey;
  /** The most rows of a batch; DEFAULT_BATCH_ROWS if left out. */
  readonly maxBatchRows?: number;
  /** How many rows there are to walk over, for the display of progress. An estimate will do. */
  countRows(db: Db, businessId: number): Promise<number>;
}

/** A backfill whose batches are statements only. */
export interface StatementBackfill extends NamedBackfill {
  /** Changes up to `limit` rows after a key, in the transaction that saves the position. */
  runBatch(tx: Tx, businessId: number, after: RowKey, limit: number): Promise<Batch>;
}

export interface PreparedBatch extends Batch {
  /**
   * Writes what was computed, in the transaction that saves the position. It must leave a row alone that
   * changed since it was read: the change has written the new form already.
   */
  write(tx: Tx): Promise<void>;
}

/** A backfill that computes new values, which takes too long for a transaction. */
export interface ComputedBackfill extends NamedBackfill {
  /** Reads up to `limit` rows after a key and computes what to write, outside of any transaction. */
  prepareBatch(db: Db, businessId: number, after: RowKey, limit: number): Promise<PreparedBatch>;
}

/**
 * A change of rows that exist, made while the server serves. A batch must be safe to run again and must
 * walk over its table by a keyset. Whoever writes rows writes the new form from the release on that has
 * the backfill, so rows that appear behind the position need nothing.
 */
export type Backfill = StatementBackfill | ComputedBackfill;

export interface Backfills {
  /**
   * Runs batches until nothing is left to do now, or the time is over; gives whether nothing is left.
   * One node at a time is enough, and more do no harm.
   */
  run(milliseconds?: number): Promise<boolean>;
  /** Adds the job that runs them if something is to be done now. */
  addJob(): Promise<void>;
  /** The progress in a business, by name. A business made after a backfill was registered has none. */
  progressOf(businessId: number): Promise<BackfillProgress[]>;
  /** Ends `run` after the batch that is under way. */
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
/** A batch that is faster doubles the next one; a batch that takes twice as long halves it. */
const BATCH_MILLISECONDS = 50;
const MIN_RETRY_MILLISECONDS = 10_000;
const MAX_RETRY_MILLISECONDS = 3_600_000;

/** Looks after the backfills of this release. */
export function openBackfills(ctx: BackfillContext, backfills: readonly Backfill[]): Backfills {
  const byName = new Map(backfills.map((backfill) => [backfill.name, backfill]));
  if (byName.size < backfills.length) throw new Error('two backfills have the same name');
  const names = [...byName.keys()];
  const limits = new BatchLimits();
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
        const next = await findNextBackfill(ctx.db, names, ctx.clock.now());
        const backfill = next && byName.get(next.name);
        if (!next || !backfill) return true;
        const begun = performance.now();
        if (stopping.signal.aborted) return false;
        if (begun >= until) {
          await addBackfillJob(ctx.db);
          return false;
        }
        const isMine = await runBatch(ctx, backfill, next, limits);
        if (!isMine) return false;
        await restAfter(ctx.metrics, performance.now() - begun, stopping.signal);
      }
    },
    async addJob() {
      await register();
      if (await findNextBackfill(ctx.db, names, ctx.clock.now())) await addBackfillJob(ctx.db);
    },
    progressOf: (businessId) => listBackfills(ctx.db, businessId, names),
    stop: () => stopping.abort(),
  };
}

/** Runs one batch; false where another node is at it. A failure is saved, to be retried later. */
async function runBatch(
  ctx: BackfillContext,
  backfill: Backfill,
  progress: BackfillProgress,
  limits: BatchLimits,
): Promise<boolean> {
  const { businessId, name, failures } = progress;
  const begun = performance.now();
  const limit = limits.of(progress, backfill.maxBatchRows ?? DEFAULT_BATCH_ROWS);
  try {
    if (progress.startedAt === null) await begin(ctx, backfill, progress);
    const batch = await writeBatch(ctx, backfill, progress, limit);
    if (!batch) return false;
    limits.learn(progress, limit, performance.now() - begun);
    if (batch.last === null) ctx.log.info({ backfill: name, businessId }, 'a backfill is finished');
  } catch (error) {
    limits.shrink(progress);
    const delay = Math.min(MIN_RETRY_MILLISECONDS * 2 ** failures, MAX_RETRY_MILLISECONDS);
    ctx.log.error(
      { err: error, backfill: name, businessId, retrySeconds: delay / 1000 },
      'a batch of a backfill failed; it is retried',
    );
    await saveFailure(ctx.db, progress, describeError(error), ctx.clock.now() + delay);
  }
  return true;
}

async function begin(
  ctx: BackfillContext,
  backfill: Backfill,
  progress: BackfillProgress,
): Promise<void> {
  const rows = await backfill.countRows(ctx.db, progress.businessId).catch((error: unknown) => {
    ctx.log.warn(
      { err: error, backfill: backfill.name },
      'the rows of a backfill were not counted',
    );
    return null;
  });
  await beginBackfill(ctx.db, progress, ctx.clock.now(), rows);
}

/** Null where another node has done this batch, or is at it. */
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

/** Kind and code alone: a message may quote content. The log has all of it. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  const { name } = error.constructor;
  return 'code' in error && typeof error.code === 'string' ? `${name} ${error.code}` : name;
}

/** How many rows a batch takes, for each backfill and business: as many as fit into its time. */
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

  /** After a failure rows go one by one, so that all before the one that fails are done. */
  shrink(progress: BackfillProgress): void {
    this.#limits.set(keyOf(progress), 1);
  }
}

const keyOf = ({ businessId, name }: BackfillProgress) => `${businessId} ${name}`;
