import type { OutboundCall } from '../calls/call.ts';
import type { Planner } from '../campaigns/plan.ts';
import { localDay } from '../campaigns/windows.ts';
import type { NumberDay } from './due-store.ts';

export function numberDayOf(planner: Planner, call: OutboundCall, now: number): NumberDay | null {
  const campaign = planner.campaignOf(call);
  if (!campaign) return null;
  const day = localDay(planner.zoneOf(call), now);
  return { campaignId: campaign.id, number: call.recipientNumber, day };
}
