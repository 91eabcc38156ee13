import type { Context } from '../../context.ts';
import type { Db } from '../../kernel/postgres/database.ts';
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

const jobOf =
  (list: List) =>
  (ctx: Pick<Context, 'db' | 'log'>, work: (scope: Scope) => Promise<unknown>) =>
  async () => {
    for await (const businessId of eachBusiness(ctx.db, list)) {
      await work(systemScope(businessId)).catch((error: unknown) => {
        ctx.log.error({ err: error, businessId }, 'a job failed for a business');
      });
    }
  };

/** A failure is logged and skips only its business. */
export const forEachBusiness = jobOf(listBusinesses);
export const forEachWithRedaction = jobOf(listWithRedaction);
export const forEachWithRetention = jobOf(listWithRetention);
