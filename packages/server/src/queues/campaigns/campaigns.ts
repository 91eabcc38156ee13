import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Campaign } from '../calls/call.ts';
import { restartWatch } from '../calls/watch-store.ts';
import { notifyWorkers } from '../lease/notify-workers.ts';
import type { QueueContext } from '../queue-context.ts';
import {
  addCampaign,
  findCampaigns,
  lockCampaign,
  putCampaign,
  setSuspended,
} from './campaign-store.ts';
import { changeRules, lockQueue } from './queue-store.ts';

/** NOT_FOUND. */
export async function getCampaign(
  ctx: Pick<Context, 'db'>,
  scope: Scope,
  id: string,
): Promise<Campaign> {
  const campaign = (await findCampaigns(ctx.db, scope, [id])).get(id);
  if (!campaign) throw new Fault('NOT_FOUND', 'There is no such campaign in this business.');
  return campaign;
}

/** Leases respect the new settings once this resolves; a job soon updates the due times. */
export async function replaceCampaign(
  ctx: QueueContext,
  scope: Scope,
  settings: Omit<Campaign, 'createdAt'>,
): Promise<{ campaign: Campaign; created: boolean }> {
  const now = ctx.clock.now();
  const { id } = settings;
  const created = await addCampaign(ctx.db, scope, id, now);
  const wanted = JSON.stringify(settings.windows);
  const hasOtherWindows = (found: Campaign | null) => JSON.stringify(found?.windows) !== wanted;
  const campaign = await ctx.db.transaction(async (tx) => {
    // The first lock may wait for calls that are being enqueued; leases must not wait for them too.
    let before = await lockCampaign(tx, scope, id, 'settings');
    if (hasOtherWindows(before)) before = await lockCampaign(tx, scope, id, 'windows');
    const queue = await lockQueue(tx, scope, 'outbound');
    const after = { ...settings, createdAt: before?.createdAt ?? now };
    await putCampaign(tx, scope, after);
    if (created || JSON.stringify(before) !== JSON.stringify(after)) {
      const details = { IsNew: created, IsPaused: after.isPaused };
      const event = { action: 'CampaignChanged', kind: 'Campaign', id, details } as const;
      await audit(tx, ctx, { ...scope, now }, event);
    }
    if (before && before.abandonAfterSeconds !== after.abandonAfterSeconds) {
      await restartWatch(tx, scope, id, now + after.abandonAfterSeconds * 1000);
    }
    if (hasOtherWindows(before)) await changeRules(tx, scope, 'outbound', queue.businessZone);
    if (before?.isPaused !== after.isPaused) {
      const change = { reason: 'CAMPAIGN_PAUSED', isSuspended: after.isPaused, now } as const;
      await setSuspended(tx, scope, [id], change);
    }
    return after;
  });
  notifyWorkers(ctx, scope, 'outbound');
  return { campaign, created };
}
