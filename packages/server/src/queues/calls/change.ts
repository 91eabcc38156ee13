import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { AppendContext } from '../../conversations/write/append.ts';
import { endFailed } from '../../conversations/write/end-failed.ts';
import { addEnding } from '../../conversations/write/queue-links-store.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { endIdleSuspensions } from '../campaigns/campaign-store.ts';
import { readPlanner } from '../campaigns/rules.ts';
import { refuseLateSchedule } from '../enqueue/request.ts';
import { notifyWorkers } from '../lease/notify-workers.ts';
import type { QueueContext } from '../queue-context.ts';
import { type OutboundCall, partitionOf } from './call.ts';
import { cancel, type NewSchedule, reschedule } from './call-decisions.ts';
import { findCall, lockCalls, saveChanges } from './call-store.ts';
import { CallTransition } from './call-transition.ts';
import { applyConversations, followConversation } from './follow.ts';
import { missingCall } from './history.ts';

async function changeCall(
  ctx: QueueContext,
  scope: Scope,
  id: string,
  action: 'CallCanceled' | 'CallRescheduled',
  /** Returns whether `action` happened, so that it is audited. */
  decide: (transition: CallTransition<OutboundCall>, tx: Tx) => Promise<boolean>,
): Promise<OutboundCall> {
  const after = await ctx.db.transaction(async (tx) => {
    const call = (await lockCalls(tx, scope, 'outbound', [id])).get(id);
    if (!call) throw await missingCall(tx, ctx.secrets, scope, id);
    const transition = new CallTransition(call, ctx.clock.now());
    const isChanged = await decide(transition, tx);
    if (transition.rows.length > 0) await saveChanges(tx, scope, 'outbound', [transition.change]);
    if (isChanged) await audit(tx, ctx, scope, transition.now, { action, kind: 'QueueEntry', id });
    const hasEnded = transition.after.completedAt !== null && call.campaignId !== null;
    if (hasEnded) await endIdleSuspensions(tx, scope, [partitionOf(call)], transition.now);
    return transition.after;
  });
  ctx.counting.touched(scope);
  notifyWorkers(ctx, scope, 'outbound');
  return after;
}

/**
 * Cancels a call, also one with a call lease. `isForced` also cancels a call whose conversation is
 * under way, and ends that conversation. NOT_FOUND; GONE; CONFLICT if the call is over, or under way
 * without force.
 */
export async function cancelCall(
  ctx: QueueContext & AppendContext,
  scope: Scope,
  id: string,
  { reason, isForced }: { readonly reason: string | null; readonly isForced: boolean },
): Promise<OutboundCall> {
  let underWay: string | null = null;
  const canceled = await changeCall(ctx, scope, id, 'CallCanceled', async (transition, tx) => {
    const planner = await readPlanner(tx, scope, 'outbound', [transition.before]);
    await applyConversations(tx, scope, transition, planner);
    const { status, sessionId } = transition.after;
    if (status === 'Canceled') return false;
    underWay = status === 'Processing' ? sessionId : null;
    if (underWay !== null && !isForced) {
      throw new Fault(
        'CONFLICT',
        `The call is under way, in conversation ${underWay}; set Force to true to end both.`,
      );
    }
    if (status !== 'Queued' && status !== 'Processing') {
      throw new Fault('CONFLICT', `The call is already ${status}.`);
    }
    // A job ends the conversation if this process is killed before it does.
    if (underWay !== null) await addEnding(tx, scope, underWay);
    cancel(transition, reason, underWay);
    return true;
  });
  return underWay === null ? canceled : endConversation(ctx, scope, canceled, underWay);
}

/** Ends the conversation of a call that was canceled by force, and returns the call after that. */
async function endConversation(
  ctx: QueueContext & AppendContext,
  scope: Scope,
  canceled: OutboundCall,
  conversationId: string,
): Promise<OutboundCall> {
  try {
    await endFailed(ctx, scope, conversationId);
    // The job of the ended conversation does the same, but only after the answer.
    await followConversation(ctx, { businessId: scope.businessId, queueId: canceled.id });
    return (await findCall(ctx.db, scope, 'outbound', canceled.id)) ?? canceled;
  } catch (error) {
    ctx.log.warn(
      { err: error },
      'cannot end the conversation of a canceled call; a job retries it',
    );
    return canceled;
  }
}

/** NOT_FOUND; GONE; CONFLICT if the call does not wait; INVALID_REQUEST for a schedule in the past. */
export function rescheduleCall(
  ctx: QueueContext,
  scope: Scope,
  id: string,
  schedule: NewSchedule,
): Promise<OutboundCall> {
  return changeCall(ctx, scope, id, 'CallRescheduled', async (transition, tx) => {
    const { before: call, now } = transition;
    if (call.status !== 'Queued') {
      const state = call.status === 'Processing' ? 'with a worker' : call.status;
      throw new Fault('CONFLICT', `The call is not queued; it is ${state}.`);
    }
    refuseLateSchedule(schedule, now);
    reschedule(transition, await readPlanner(tx, scope, 'outbound', [call]), schedule);
    return true;
  });
}
