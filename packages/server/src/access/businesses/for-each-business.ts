import type { Context } from '../../context.ts';
import { type Scope, systemScope } from '../authorization/scope.ts';
import { listBusinesses } from '../store.ts';
import { listWithRedaction } from './redaction-store.ts';
import { listWithRetention } from './retention-store.ts';

type Work = (scope: Scope) => Promise<unknown>;
type Parts = Pick<Context, 'db' | 'log'>;

const PAGE_SIZE = 1000;

/** A job that does `work` for one business after the other; a failure is logged and skips only its business. */
export const forEachBusiness = (ctx: Parts, work: Work) =>
  forEachOf(ctx, (after, limit) => listIds(ctx, after, limit), work);

export const forEachWithRedaction = (ctx: Parts, work: Work) =>
  forEachOf(ctx, (after, limit) => listWithRedaction(ctx.db, after, limit), work);

export const forEachWithRetention = (ctx: Parts, work: Work) =>
  forEachOf(ctx, (after, limit) => listWithRetention(ctx.db, after, limit), work);

async function listIds({ db }: Parts, after: number, limit: number): Promise<number[]> {
  return (await listBusinesses(db, after, limit)).map(({ businessId }) => businessId);
}

function forEachOf(
  ctx: Parts,
  list: (after: number, limit: number) => Promise<number[]>,
  work: Work,
): () => Promise<void> {
  return async () => {
    let after = 0;
    for (;;) {
      const businesses = await list(after, PAGE_SIZE);
      for (const businessId of businesses) {
        await work(systemScope(businessId)).catch((error: unknown) => {
          ctx.log.error({ err: error, businessId }, 'a job failed for a business');
        });
      }
      if (businesses.length < PAGE_SIZE) return;
      after = businesses.at(-1) ?? after;
    }
  };
}
