import type { Scope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import { Fault } from '../base/fault.ts';
import type { Campaign } from './call.ts';
import {
  addCampaign,
  findCampaigns,
  lockCampaign,
  putCampaign,
  setHold,
} from './campaign-store.ts';
import type { QueueContext } from './enqueue.ts';
import { changeRules, lockQueue } from './queue-store.ts';
import { tellWorkers } from './tell-workers.ts';

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

/**
 * Creates a campaign or replaces its settings. Once this resolves, calls are only handed out as the
 * new settings say; due times of calls that wait follow shortly.
 */
export async function replaceCampaign(
  ctx: QueueContext,
  scope: Scope,
  settings: Omit<Campaign, 'createdAt'>,
): Promise<{ campaign: Campaign; created: boolean }> {
  const now = ctx.clock.now();
  const result = await ctx.db.transaction(async (tx) => {
    // First, since it may wait for calls that are just being enqueued: nobody who hands calls out
    // must wait for those.
    const before = await lockCampaign(tx, scope, settings.id, 'change');
    const queue = await lockQueue(tx, scope, 'outbound');
    const campaign = { ...settings, createdAt: before?.createdAt ?? now };
    // Two that create it at once: the later one replaces it.
    if (!before) await addCampaign(tx, scope, campaign.id, now);
    await putCampaign(tx, scope, campaign);
    const windows = JSON.stringify(before?.windows ?? []);
    if (before && windows !== JSON.stringify(campaign.windows)) {
      await changeRules(tx, scope, 'outbound', queue.businessZone);
    }
    if ((before?.isPaused ?? false) !== campaign.isPaused) {
      await setHold(tx, scope, [campaign.id], 'CAMPAIGN_PAUSED', campaign.isPaused, now);
    }
    if (before && before.maxConcurrent !== campaign.maxConcurrent) {
      // The next look for due calls finds out whether it still lacks slots.
      await setHold(tx, scope, [campaign.id], 'NO_SLOT', false, now);
    }
    return { campaign, created: before === null };
  });
  tellWorkers(ctx, scope, 'outbound');
  return result;
}
