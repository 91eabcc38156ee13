import { systemScope } from '../access/authorization/scope.ts';
import { findRetention } from '../access/businesses/retention-store.ts';
import { isActive, purgeExpired, type RetentionContext } from './purge-expired.ts';
import { type OfBusiness, releaseHeld } from './store.ts';

const MILLISECONDS = 50_000;

/** Purges expired data of a business for at most a minute; the next run continues. */
export async function purgeOfBusiness(
  ctx: RetentionContext,
  { businessId }: OfBusiness,
): Promise<void> {
  const scope = systemScope(businessId);
  if (!isActive(await findRetention(ctx.db, scope))) return;
  const { purged } = await purgeExpired(ctx, scope, MILLISECONDS);
  if (Object.values(purged).some((n) => n > 0)) {
    ctx.log.info({ businessId, ...purged }, 'purged expired data');
  }
}

/** Plans held conversations again after a hold was lifted. */
export async function planHeld(ctx: RetentionContext, { businessId }: OfBusiness): Promise<void> {
  const scope = systemScope(businessId);
  while (await releaseHeld(ctx.db, scope));
}
