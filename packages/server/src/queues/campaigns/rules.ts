import type { Scope } from '../../access/authorization/scope.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { type Call, type Direction, partitionOf } from '../calls/call.ts';
import { findCampaigns } from './campaign-store.ts';
import { NO_RULES, Planner } from './plan.ts';
import { type Queue, readQueue } from './queue-store.ts';

export async function readPlanner(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  calls: readonly Call[],
): Promise<Planner> {
  if (direction === 'inbound') return NO_RULES;
  return plannerOf(tx, scope, await readQueue(tx, scope, direction), calls);
}

export async function plannerOf(
  tx: Tx,
  scope: Scope,
  { plan, businessZone }: Queue,
  calls: readonly Call[],
): Promise<Planner> {
  const ids = new Set(calls.map(partitionOf).filter((id) => id !== ''));
  const campaigns = await findCampaigns(tx, scope, [...ids]);
  return new Planner({ plan, businessZone, campaigns });
}
