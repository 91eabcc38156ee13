import { findRetention, listWithRetention } from '../access/retention-store.ts';
import { systemScope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import { isActive, purgeExpired, type RetentionContext } from './run.ts';
import { addJobOf, type OfBusiness, PURGE, releaseHeld } from './store.ts';

const MILLISECONDS = 50_000;
const BUSINESSES_AT_ONCE = 1000;

/** Has every business that has rules let go of what has run out. */
export async function addPurges(ctx: Pick<Context, 'db'>): Promise<void> {
  let after = 0;
  for (;;) {
    const businesses = await listWithRetention(ctx.db, after, BUSINESSES_AT_ONCE);
    for (const businessId of businesses) await addJobOf(ctx.db, systemScope(businessId), PURGE);
    if (businesses.length < BUSINESSES_AT_ONCE) return;
    after = businesses.at(-1) ?? after;
  }
}

/** Lets go of what has run out in a business; what is left after a minute waits for the next. */
export async function purgeOfBusiness(
  ctx: RetentionContext,
  { businessId }: OfBusiness,
): Promise<void> {
  const scope = systemScope(businessId);
  if (!isActive(await findRetention(ctx.db, scope))) return;
  const { purged } = await purgeExpired(ctx, scope, MILLISECONDS);
  if (Object.values(purged).some((n) => n > 0)) {
    ctx.log.info({ businessId, ...purged }, 'what had run out was let go of');
  }
}

/** Plans anew what was held, after a hold was lifted. */
export async function planHeld(ctx: RetentionContext, { businessId }: OfBusiness): Promise<void> {
  const scope = systemScope(businessId);
  while (await releaseHeld(ctx.db, scope));
}
