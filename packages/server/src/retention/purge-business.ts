import { systemScope } from '../access/authorization/scope.ts';
import { findRetention } from '../access/businesses/retention-store.ts';
import { isNothing } from './match-rules.ts';
import { isActive, purgeExpired, type RetentionContext } from './purge-expired.ts';
import { type OfBusiness, releaseHeld } from './store.ts';

const MILLISECONDS = 50_000;

export async function purgeOfBusiness(ctx: RetentionContext, { businessId }: OfBusiness) {
  const scope = systemScope(businessId);
  if (!isActive(await findRetention(ctx.db, scope))) return;
  const { purged } = await purgeExpired(ctx, scope, MILLISECONDS);
  if (!isNothing(purged)) ctx.log.info({ businessId, ...purged }, 'purged expired data');
}

export async function planHeld(ctx: RetentionContext, { businessId }: OfBusiness): Promise<void> {
  const scope = systemScope(businessId);
  while (await releaseHeld(ctx.db, scope));
}
