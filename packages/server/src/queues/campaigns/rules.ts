import type { Scope } from '../../access/authorization/scope.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { type Call, type Direction, partitionOf } from '../calls/call.ts';
import { findCampaigns, readRules } from './campaign-store.ts';
import { NO_RULES, Planner } from './plan.ts';
import type { Queue } from './queue-store.ts';

export async function readPlanner(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  calls: readonly Call[],
): Promise<Planner> {
  if (direction === 'inbound') return NO_RULES;
  const { queue, campaigns } = await readRules(tx, scope, campaignIdsOf(calls));
  return new Planner({ plan: queue.plan, businessZone: queue.businessZone, campaigns });
}

const campaignIdsOf = (calls: readonly Call[]): string[] => [
  ...new Set(calls.map(partitionOf).filter((id) => id !== '')),
];

export async function plannerOf(
  tx: Tx,
  scope: Scope,
  { plan, businessZone }: Queue,
  calls: readonly Call[],
): Promise<Planner> {
  const campaigns = await findCampaigns(tx, scope, campaignIdsOf(calls));
  return new Planner({ plan, businessZone, campaigns });
}
