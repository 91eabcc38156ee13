import { FINAL_STATUSES } from '@colloquy/wire';
import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import {
  findNaming,
  type NamedCall,
  type NamingConversation,
} from '../../conversations/write/named-calls-store.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { hasTombstone } from '../../tombstones/tombstone-store.ts';
import { endIdleHolds } from '../campaigns/campaign-store.ts';
import type { Planner } from '../campaigns/plan.ts';
import { readPlanner } from '../campaigns/rules.ts';
import type { QueueContext } from '../enqueue/enqueue.ts';
import { retryNumberRaces } from '../enqueue/number-races.ts';
import { forgetSessionsOf } from '../erasure/people-store.ts';
import { addNumberDays } from '../lease/due-store.ts';
import { notifyWorkers } from '../lease/notify-workers.ts';
import { numberDayOf } from '../lease/number-day.ts';
import { type Call, type Direction, partitionOf } from './call.ts';
import { type AttemptEnd, begin, endAttempt } from './call-decisions.ts';
import { findDecisions, lockCalls, saveChanges } from './call-store.ts';
import { CallTransition } from './call-transition.ts';
import { takeLateOutcome } from './late-outcome.ts';
import { watch } from './watch.ts';

/** Conversations that name a call, as they stand now, bring the call on. */
export async function followConversation(ctx: QueueContext, named: NamedCall): Promise<void> {
  const scope = systemScope(named.businessId);
  await retryNumberRaces(() => ctx.db.transaction((tx) => follow(tx, ctx, scope, named.queueId)));
  ctx.counting.touched(scope);
  notifyWorkers(ctx, scope, 'outbound');
}

async function follow(tx: Tx, ctx: QueueContext, scope: Scope, queueId: string): Promise<void> {
  for (const direction of ['outbound', 'inbound'] as const) {
    const call = (await lockCalls(tx, scope, direction, [queueId])).get(queueId);
    if (!call) continue;
    const planner = await readPlanner(tx, scope, direction, [call]);
    const transition = new CallTransition<Call>(call, ctx.clock.now());
    const naming = await findNaming(tx, scope, [queueId]);
    await applyConversations(tx, scope, transition, planner, naming);
    if (transition.after !== call) await saveChanges(tx, scope, direction, [transition.change]);
    await forgetSessions(tx, ctx.secrets, scope, transition.after, naming);
    if (planner.limitOf(call) !== null)
      await endIdleHolds(tx, scope, [partitionOf(call)], transition.now);
    await countBegun(tx, scope, planner, transition);
    return;
  }
}

/** What was erased is not named any more either. */
async function forgetSessions(
  tx: Tx,
  secrets: QueueContext['secrets'],
  scope: Scope,
  { id, direction, sessionId }: Call,
  naming: readonly NamingConversation[],
): Promise<void> {
  const told = await findDecisions(tx, scope, direction, id);
  const named = new Set([sessionId, ...told.map((row) => row.sessionId)]);
  for (const one of naming) named.delete(one.id);
  const gone: string[] = [];
  for (const session of named) {
    if (session === null) continue;
    const isGone = await hasTombstone(tx, secrets, scope.businessId, 'conversation', session);
    if (isGone) gone.push(session);
  }
  if (gone.length > 0) await forgetSessionsOf(tx, scope, direction, id, gone);
}

/** An attempt that a conversation has begun without a lease counts for the day of its number too. */
async function countBegun(
  tx: Tx,
  scope: Scope,
  planner: Planner,
  { before, after, now }: CallTransition<Call>,
): Promise<void> {
  if (before.direction === 'inbound' || after.attempts <= before.attempts) return;
  const day = numberDayOf(planner, before, now);
  if (day) await addNumberDays(tx, scope, [day]);
}

/** Looks up the conversations that name a call, and applies what they say of it. */
export async function applyConversations(
  tx: Tx,
  scope: Scope,
  transition: CallTransition<Call>,
  planner: Planner,
  known?: readonly NamingConversation[],
): Promise<void> {
  const { id, direction } = transition.before;
  const conversations = known ?? (await findNaming(tx, scope, [id]));
  for (const conversation of conversations) {
    await apply(tx, scope, direction, transition, planner, conversation);
  }
  const { status, sessionId } = transition.after;
  const isNamed = conversations.some((conversation) => conversation.id === sessionId);
  if (status !== 'Processing' || sessionId === null || isNamed) return;
  // It was erased, or written anew and names another call or none.
  endAttempt(transition, planner, {
    outcome: 'Failed',
    endType: null,
    reason: 'its conversation was erased, or does not name it any more',
    retryable: false,
  });
}

const isFinal = ({ status }: NamingConversation) => FINAL_STATUSES.includes(status);

async function apply(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  transition: CallTransition<Call>,
  planner: Planner,
  conversation: NamingConversation,
): Promise<void> {
  const call = transition.after;
  const isBound = call.sessionId === conversation.id;
  if (isBound && call.status !== 'Processing') {
    tellSession(transition, conversation);
    if (call.abandonedAt === null || !isFinal(conversation)) return;
    const outcome = outcomeOf(conversation);
    return takeLateOutcome(tx, scope, transition, planner, outcome, { by: 'conversation' });
  }
  if (call.sessionId !== null && call.status === 'Processing' && !isBound) return;
  if (!isBound) {
    if (await isOfEarlierAttempt(tx, scope, direction, transition, conversation)) return;
    if (call.status === 'Queued') {
      begin(transition, conversation.id);
    } else if (call.status !== 'Processing') {
      if (call.sessionId === null) tellSession(transition, conversation);
      return;
    }
  }
  const { leaseExpiresAt } = transition.after;
  tellSession(transition, conversation);
  if (isFinal(conversation)) endAttempt(transition, planner, outcomeOf(conversation));
  else if (transition.after.watchAt === null) watch(transition, planner, leaseExpiresAt);
}

const outcomeOf = ({ status, endType }: NamingConversation): AttemptEnd => ({
  outcome: status === 'Completed' ? 'Completed' : 'Failed',
  endType,
  reason: null,
  retryable: null,
});

/** The call shows the conversation, and waits for it and not for a lease any more. */
function tellSession(transition: CallTransition<Call>, conversation: NamingConversation): void {
  const { after } = transition;
  const state = {
    sessionId: conversation.id,
    sessionStatus: conversation.status,
    sessionEndType: conversation.endType,
    leaseExpiresAt: null,
  };
  const isNews = Object.entries(state).some(
    ([key, value]) => after[key as keyof typeof state] !== value,
  );
  if (isNews) transition.set(state);
}

/**
 * Whether a conversation belongs to an attempt that is over: one that was told of with that attempt, or
 * that is over itself and began before the last attempt ended.
 */
async function isOfEarlierAttempt(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  transition: CallTransition<Call>,
  conversation: NamingConversation,
): Promise<boolean> {
  const { id, startTime } = conversation;
  const call = transition.after;
  const under = call.status === 'Processing' ? 1 : 0;
  if (call.attempts <= under) return false;
  if (call.status !== 'Queued' && call.status !== 'Processing') return false;
  const rows = [...(await findDecisions(tx, scope, direction, call.id)), ...transition.rows];
  const ended = rows.filter(({ decision }) => decision === 'AttemptEnded');
  if (ended.some(({ sessionId }) => sessionId === id)) return true;
  const lastEndedAt = ended.at(-1)?.at;
  return isFinal(conversation) && lastEndedAt !== undefined && startTime <= lastEndedAt;
}
