import type { Scope } from '../access/scope.ts';
import type { Tx } from '../base/db.ts';
import { Fault } from '../base/fault.ts';
import { type Call, type Direction, laneOf, type OutboundCall } from './call.ts';
import { lockCalls, saveChanges } from './call-store.ts';
import { findCampaigns } from './campaign-store.ts';
import { cancel, Deciding, type NewSchedule, reschedule } from './decide.ts';
import type { QueueContext } from './enqueue.ts';
import { refuseUnknown } from './history.ts';
import { Planner } from './plan.ts';
import { type Queue, readQueue } from './queue-store.ts';
import { tellWorkers } from './tell-workers.ts';

/** The rules of a queue as they are now, for these calls. */
export async function readPlanner(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  calls: readonly Call[],
): Promise<Planner> {
  if (direction === 'inbound') return NO_RULES;
  return plannerOf(tx, scope, await readQueue(tx, scope, direction), calls);
}

/** The same of a queue that was read already. */
export async function plannerOf(
  tx: Tx,
  scope: Scope,
  { plan, businessZone }: Queue,
  calls: readonly Call[],
): Promise<Planner> {
  const lanes = new Set(calls.map(laneOf).filter((lane) => lane !== ''));
  const campaigns = await findCampaigns(tx, scope, [...lanes]);
  return new Planner({ plan, businessZone, campaigns });
}

/** A call that came in waits for nothing but a worker. */
export const NO_RULES = new Planner({ plan: 0, businessZone: null, campaigns: new Map() });

async function change(
  ctx: QueueContext,
  scope: Scope,
  id: string,
  decide: (deciding: Deciding<OutboundCall>, tx: Tx) => Promise<void>,
): Promise<OutboundCall> {
  const after = await ctx.db.transaction(async (tx) => {
    const call = (await lockCalls(tx, scope, 'outbound', [id])).get(id) ?? refuseUnknown();
    const deciding = new Deciding(call, ctx.clock.now());
    await decide(deciding, tx);
    if (deciding.rows.length > 0) await saveChanges(tx, scope, 'outbound', [deciding.change]);
    return deciding.after;
  });
  ctx.counting.touched(scope);
  tellWorkers(ctx, scope, 'outbound');
  return after;
}

/** Also a call that a worker holds. NOT_FOUND; CONFLICT where it is under way or over. */
export function cancelCall(
  ctx: QueueContext,
  scope: Scope,
  id: string,
  reason: string | null,
): Promise<OutboundCall> {
  return change(ctx, scope, id, async (deciding) => {
    const { status, sessionId } = deciding.before;
    if (status === 'Canceled') return;
    if (status === 'Processing' && sessionId !== null) {
      throw new Fault('CONFLICT', `The call is under way, in conversation ${sessionId}.`);
    }
    if (status !== 'Queued' && status !== 'Processing') {
      throw new Fault('CONFLICT', `The call is ${status} already.`);
    }
    cancel(deciding, reason);
  });
}

/** NOT_FOUND; CONFLICT where it does not wait. */
export function rescheduleCall(
  ctx: QueueContext,
  scope: Scope,
  id: string,
  schedule: NewSchedule,
): Promise<OutboundCall> {
  return change(ctx, scope, id, async (deciding, tx) => {
    const { before: call, now } = deciding;
    if (call.status !== 'Queued') {
      const state = call.status === 'Processing' ? 'with a worker' : call.status;
      throw new Fault('CONFLICT', `The call does not wait, it is ${state}.`);
    }
    if (schedule.until !== null && schedule.until <= Math.max(now, schedule.from ?? 0)) {
      throw new Fault(
        'INVALID_REQUEST',
        'Schedule.MaxDateTimeUTC must be in the future, and after Schedule.DateTimeUTC.',
      );
    }
    reschedule(deciding, await readPlanner(tx, scope, 'outbound', [call]), schedule);
  });
}
