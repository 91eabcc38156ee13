import { systemScope } from '../access/authorization/scope.ts';
import { findRetention } from '../access/businesses/retention-store.ts';
import { isActive, purgeExpired, type RetentionContext } from './run.ts';
import { type OfBusiness, releaseHeld } from './store.ts';

const MILLISECONDS = 50_000;

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
