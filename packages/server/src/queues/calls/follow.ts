import { FINAL_STATUSES } from '@colloquy/wire';
import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import {
  findNaming,
  type NamedCall,
  type NamingConversation,
} from '../../conversations/write/queue-links-store.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { hasTombstone } from '../../tombstones/tombstone-store.ts';
import { endIdleSuspensions } from '../campaigns/campaign-store.ts';
import type { Planner } from '../campaigns/plan.ts';
import { readPlanner } from '../campaigns/rules.ts';
import { retryNumberRaces } from '../enqueue/number-races.ts';
import { removeSessionIds } from '../erasure/people-store.ts';
import { addNumberDays } from '../lease/due-store.ts';
import { notifyWorkers } from '../lease/notify-workers.ts';
import { numberDayOf } from '../lease/number-day.ts';
import type { QueueContext } from '../queue-context.ts';
import { type Call, type Direction, partitionOf } from './call.ts';
import { type AttemptEnd, beginAttempt, endAttempt } from './call-decisions.ts';
import { findDecisions, lockCalls, saveChanges } from './call-store.ts';
import { CallTransition } from './call-transition.ts';
import { applyLateOutcome } from './late-outcome.ts';
import { watch } from './watch.ts';

/** Updates a call after a conversation that names it has begun, changed or ended. */
export async function followConversation(ctx: QueueContext, named: NamedCall): Promise<void> {
  const scope = systemScope(named.businessId);
  await retryNumberRaces(() =>
    ctx.db.transaction((tx) => updateCall(tx, ctx, scope, named.queueId)),
  );
  ctx.counting.touched(scope);
  notifyWorkers(ctx, scope, 'outbound');
}

async function updateCall(tx: Tx, ctx: QueueContext, scope: Scope, queueId: string): Promise<void> {
  for (const direction of ['outbound', 'inbound'] as const) {
    const call = (await lockCalls(tx, scope, direction, [queueId])).get(queueId);
    if (!call) continue;
    const planner = await readPlanner(tx, scope, direction, [call]);
    const transition = new CallTransition<Call>(call, ctx.clock.now());
    const naming = await findNaming(tx, scope, [queueId]);
    await applyConversations(tx, scope, transition, planner, naming);
    if (transition.after !== call) await saveChanges(tx, scope, direction, [transition.change]);
    await removeErasedSessions(tx, ctx.secrets, scope, transition.after, naming);
    if (planner.limitOf(call) !== null)
      await endIdleSuspensions(tx, scope, [partitionOf(call)], transition.now);
    await countStartedAttempt(tx, scope, planner, transition);
    return;
  }
}

/** Removes the ids of erased conversations from the call and its history. */
async function removeErasedSessions(
  tx: Tx,
  secrets: QueueContext['secrets'],
  scope: Scope,
  { id, direction, sessionId }: Call,
  naming: readonly NamingConversation[],
): Promise<void> {
  const history = await findDecisions(tx, scope, direction, id);
  const named = new Set([sessionId, ...history.map((row) => row.sessionId)]);
  for (const conversation of naming) named.delete(conversation.id);
  const erased: string[] = [];
  for (const session of named) {
    if (session === null) continue;
    const isErased = await hasTombstone(tx, secrets, scope.businessId, 'conversation', session);
    if (isErased) erased.push(session);
  }
  if (erased.length > 0) await removeSessionIds(tx, scope, direction, id, erased);
}

/** Counts an attempt that a conversation began without a call lease for the day of its number. */
async function countStartedAttempt(
  tx: Tx,
  scope: Scope,
  planner: Planner,
  { before, after, now }: CallTransition<Call>,
): Promise<void> {
  if (before.direction === 'inbound' || after.attempts <= before.attempts) return;
  const day = numberDayOf(planner, before, now);
  if (day) await addNumberDays(tx, scope, [day]);
}

/** Applies the state of the conversations that name a call; looks them up unless they are `known`. */
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
    await applyConversation(tx, scope, direction, transition, planner, conversation);
  }
  const { status, sessionId } = transition.after;
  const isNamed = conversations.some((conversation) => conversation.id === sessionId);
  if (status !== 'Processing' || sessionId === null || isNamed) return;
  // The conversation was erased or replaced, and no longer names this call.
  endAttempt(transition, planner, {
    outcome: 'Failed',
    endType: null,
    reason: 'its conversation was erased, or does not name it any more',
    retryable: false,
  });
}

const isFinal = ({ status }: NamingConversation) => FINAL_STATUSES.includes(status);

async function applyConversation(
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
    setSession(transition, conversation);
    if (call.abandonedAt === null || !isFinal(conversation)) return;
    const outcome = outcomeOf(conversation);
    return applyLateOutcome(tx, scope, transition, planner, outcome, { by: 'conversation' });
  }
  if (call.sessionId !== null && call.status === 'Processing' && !isBound) return;
  if (!isBound) {
    if (await belongsToEarlierAttempt(tx, scope, direction, transition, conversation)) return;
    if (call.status === 'Queued') {
      beginAttempt(transition, conversation.id);
    } else if (call.status !== 'Processing') {
      if (call.sessionId === null) setSession(transition, conversation);
      return;
    }
  }
  const { leaseExpiresAt } = transition.after;
  setSession(transition, conversation);
  if (isFinal(conversation)) endAttempt(transition, planner, outcomeOf(conversation));
  else if (transition.after.watchAt === null) watch(transition, planner, leaseExpiresAt);
}

const outcomeOf = ({ status, endType }: NamingConversation): AttemptEnd => ({
  outcome: status === 'Completed' ? 'Completed' : 'Failed',
  endType,
  reason: null,
  retryable: null,
});

/** Sets the conversation of the call, which then decides when the attempt ends, not the call lease. */
function setSession(transition: CallTransition<Call>, conversation: NamingConversation): void {
  const { after } = transition;
  const state = {
    sessionId: conversation.id,
    sessionStatus: conversation.status,
    sessionEndType: conversation.endType,
    leaseExpiresAt: null,
  };
  const isChanged = Object.entries(state).some(
    ([key, value]) => after[key as keyof typeof state] !== value,
  );
  if (isChanged) transition.set(state);
}

/**
 * True if a conversation belongs to an attempt that is over: the history names it with that attempt,
 * or it is over and began before the last attempt ended.
 */
async function belongsToEarlierAttempt(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  transition: CallTransition<Call>,
  conversation: NamingConversation,
): Promise<boolean> {
  const { id, startTime } = conversation;
  const call = transition.after;
  const underWay = call.status === 'Processing' ? 1 : 0;
  if (call.attempts <= underWay) return false;
  if (call.status !== 'Queued' && call.status !== 'Processing') return false;
  const rows = [...(await findDecisions(tx, scope, direction, call.id)), ...transition.rows];
  const ended = rows.filter(({ decision }) => decision === 'AttemptEnded');
  if (ended.some(({ sessionId }) => sessionId === id)) return true;
  const lastEndedAt = ended.at(-1)?.at;
  return isFinal(conversation) && lastEndedAt !== undefined && startTime <= lastEndedAt;
}
