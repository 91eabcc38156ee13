import type { Context } from '../../context.ts';
import type { Database, Db, Statement } from '../../kernel/postgres/database.ts';
import { type Scope, systemScope } from '../authorization/scope.ts';
import { listBusinesses } from '../store.ts';
import { listWithRedaction } from './redaction-store.ts';
import { listWithRetention } from './retention-store.ts';

const PAGE_SIZE = 1000;

type List = (db: Db, after: number, limit: number) => Promise<{ readonly businessId: number }[]>;

export async function* eachBusiness(db: Db, list: List = listBusinesses): AsyncGenerator<number> {
  for (let after = 0; ; ) {
    const page = await list(db, after, PAGE_SIZE);
    for (const { businessId } of page) yield businessId;
    if (page.length < PAGE_SIZE) return;
    after = page.at(-1)?.businessId ?? after;
  }
}

type JobContext = Pick<Context, 'db' | 'log'>;
type Work = (scope: Scope) => Promise<unknown>;

/** A failure is logged and skips only its business. */
async function doForEach(ctx: JobContext, businesses: AsyncIterable<number>, work: Work) {
  for await (const businessId of businesses) {
    await work(systemScope(businessId)).catch((error: unknown) => {
      ctx.log.error({ err: error, businessId }, 'a job failed for a business');
    });
  }
}

const jobOf = (list: List) => (ctx: JobContext, work: Work) => () =>
  doForEach(ctx, eachBusiness(ctx.db, list), work);

export const forEachWithRedaction = jobOf(listWithRedaction);
export const forEachWithRetention = jobOf(listWithRetention);

/**
 * A job for the businesses that a statement finds, so that its cost does not grow with the others. `dueBy`, if given, is the
 * statement's only value. On a cluster the job visits all businesses: the statement would fail if any node is down.
 */
export const forEachFound =
  (ctx: JobContext, across: Statement, work: Work, dueBy?: () => number) => () =>
    doForEach(ctx, findIn(ctx.db, across, dueBy), work);

async function* findIn(db: Database, across: Statement, dueBy?: () => number) {
  if (await db.isDistributed()) {
    yield* eachBusiness(db);
    return;
  }
  const values = dueBy ? [new Date(dueBy())] : [];
  for (const { businessId } of await db.rows<{ businessId: number }>(across, values)) {
    yield businessId;
  }
}
