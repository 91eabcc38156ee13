import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { AppendContext } from '../../conversations/write/append.ts';
import { endFailed } from '../../conversations/write/end-failed.ts';
import { addEnding, findNaming } from '../../conversations/write/queue-links-store.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { endIdleSuspensions } from '../campaigns/campaign-store.ts';
import { readPlanner } from '../campaigns/rules.ts';
import { refuseLateSchedule } from '../enqueue/request.ts';
import { notifyWorkers } from '../lease/notify-workers.ts';
import type { QueueContext } from '../queue-context.ts';
import type { OutboundCall } from './call.ts';
import { cancel, type NewSchedule, reschedule } from './call-decisions.ts';
import { findCall, lockCalls, saveChanges } from './call-store.ts';
import { CallTransition } from './call-transition.ts';
import { applyConversations, followConversation } from './follow.ts';
import { missingCall } from './history.ts';

interface CallChange {
  readonly action: 'CallCanceled' | 'CallRescheduled';
  decide(transition: CallTransition<OutboundCall>, tx: Tx): boolean | Promise<boolean>;
}

async function changeCall(
  ctx: QueueContext,
  scope: Scope,
  id: string,
  { action, decide }: CallChange,
): Promise<OutboundCall> {
  const after = await ctx.db.transaction(async (tx) => {
    const call = (await lockCalls(tx, scope, 'outbound', [id])).get(id);
    if (!call) throw await missingCall(tx, ctx.secrets, scope, id);
    const planner = await readPlanner(tx, scope, 'outbound', [call]);
    const transition = new CallTransition(call, ctx.clock.now(), planner);
    const isChanged = await decide(transition, tx);
    if (transition.rows.length > 0) await saveChanges(tx, scope, [transition]);
    const event = { action, kind: 'QueueEntry', id } as const;
    if (isChanged) await audit(tx, ctx, { ...scope, now: transition.now }, event);
    const hasEnded = transition.after.completedAt !== null && call.campaignId !== null;
    if (hasEnded) await endIdleSuspensions(tx, scope, [call.campaignId], transition.now);
    return transition.after;
  });
  ctx.committed(scope);
  notifyWorkers(ctx, scope, 'outbound');
  return after;
}

/**
 * `isForced` also cancels a call under way, and ends its conversation. NOT_FOUND; GONE; CONFLICT if
 * the call is over, or under way without force.
 */
export async function cancelCall(
  ctx: QueueContext & AppendContext,
  scope: Scope,
  id: string,
  { reason, isForced }: { readonly reason: string | null; readonly isForced: boolean },
): Promise<OutboundCall> {
  let underWay: string | null = null;
  const decide: CallChange['decide'] = async (transition, tx) => {
    await applyConversations(tx, scope, transition, await findNaming(tx, scope, [id]));
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
  };
  const canceled = await changeCall(ctx, scope, id, { action: 'CallCanceled', decide });
  return underWay === null ? canceled : endConversation(ctx, scope, canceled, underWay);
}

async function endConversation(
  ctx: QueueContext & AppendContext,
  scope: Scope,
  canceled: OutboundCall,
  conversationId: string,
): Promise<OutboundCall> {
  try {
    await endFailed(ctx, scope, conversationId);
    // Its job does the same, but only after the answer.
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

/** NOT_FOUND; GONE; CONFLICT if it does not wait; INVALID_REQUEST for a schedule in the past. */
export function rescheduleCall(
  ctx: QueueContext,
  scope: Scope,
  id: string,
  schedule: NewSchedule,
): Promise<OutboundCall> {
  const decide: CallChange['decide'] = (transition) => {
    const { before: call, now } = transition;
    if (call.status !== 'Queued') {
      const state = call.status === 'Processing' ? 'with a worker' : call.status;
      throw new Fault('CONFLICT', `The call is not queued; it is ${state}.`);
    }
    refuseLateSchedule(schedule, now);
    reschedule(transition, schedule);
    return true;
  };
  return changeCall(ctx, scope, id, { action: 'CallRescheduled', decide });
}
