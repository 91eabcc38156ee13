import { FINAL_STATUSES } from '@colloquy/wire';
import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { forgetDeliveredTexts } from '../../changes/pending-store.ts';
import {
  findNaming,
  type NamedCall,
  type NamingConversation,
} from '../../conversations/write/queue-links-store.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { hasTombstone, idHash } from '../../tombstones/tombstone-store.ts';
import { endIdleSuspensions } from '../campaigns/campaign-store.ts';
import { readPlanner } from '../campaigns/rules.ts';
import { retryNumberRaces } from '../enqueue/number-races.ts';
import { removeSessionIds } from '../erasure/people-store.ts';
import { addNumberDays } from '../lease/due-store.ts';
import { notifyWorkers } from '../lease/notify-workers.ts';
import type { QueueContext } from '../queue-context.ts';
import { type Call, type CallOf, type Direction, partitionOf } from './call.ts';
import {
  type AttemptEnd,
  beginAttempt,
  endAbandonedAttempt,
  endAttempt,
  type LateEnd,
  watch,
} from './call-decisions.ts';
import { findDecisions, lockCalls, saveChanges } from './call-store.ts';
import { CallTransition } from './call-transition.ts';
import { isNumberWaiting } from './watch-store.ts';

export async function followConversation(ctx: QueueContext, named: NamedCall): Promise<void> {
  const scope = systemScope(named.businessId);
  await retryNumberRaces(() =>
    ctx.db.transaction((tx) => updateCall(tx, ctx, scope, named.queueId)),
  );
  ctx.committed(scope);
  notifyWorkers(ctx, scope, 'outbound');
}

async function updateCall(tx: Tx, ctx: QueueContext, scope: Scope, queueId: string): Promise<void> {
  for (const direction of ['outbound', 'inbound'] as const) {
    const call = (await lockCalls(tx, scope, direction, [queueId])).get(queueId);
    if (!call) continue;
    const planner = await readPlanner(tx, scope, direction, [call]);
    const transition = new CallTransition<Call>(call, ctx.clock.now(), planner);
    const naming = await findNaming(tx, scope, [queueId]);
    await applyConversations(tx, scope, transition, naming);
    const { after, now } = transition;
    if (after !== call) await saveChanges(tx, scope, [transition]);
    await removeErasedSessions(tx, ctx.secrets, scope, { call: after, naming });
    if (planner.limitOf(call) !== null)
      await endIdleSuspensions(tx, scope, [partitionOf(call)], now);
    // An attempt that a conversation began without a call lease counts too.
    const day = after.attempts > call.attempts ? planner.numberDayOf(call, now) : null;
    if (day) await addNumberDays(tx, scope, [day]);
    return;
  }
}

async function removeErasedSessions(
  tx: Tx,
  secrets: QueueContext['secrets'],
  scope: Scope,
  { call, naming }: { readonly call: Call; readonly naming: readonly NamingConversation[] },
): Promise<void> {
  const history = await findDecisions(tx, scope, call);
  const named = new Set([call.sessionId, ...history.map((row) => row.sessionId)]);
  for (const { id } of naming) named.delete(id);
  const erased: string[] = [];
  for (const session of named) {
    if (session === null) continue;
    const subject = { kind: 'conversation', id: session } as const;
    if (await hasTombstone(tx, secrets, scope.businessId, subject)) erased.push(session);
  }
  if (erased.length === 0) return;
  await removeSessionIds(tx, scope, call, erased);
  await forgetDeliveredTexts(tx, scope, [idHash(secrets, scope.businessId, 'call', call.id)]);
}

interface Locking<C extends Call> {
  readonly ids: readonly string[];
  readonly now: number;
  isWanted(call: C): boolean;
}

/** The calls may have changed since their ids were read, so `isWanted` checks them again. */
export async function lockTransitions<D extends Direction>(
  tx: Tx,
  scope: Scope,
  direction: D,
  { ids, now, isWanted }: Locking<CallOf<D>>,
): Promise<CallTransition<CallOf<D>>[]> {
  if (ids.length === 0) return [];
  const calls = [...(await lockCalls(tx, scope, direction, ids)).values()].filter(isWanted);
  const planner = await readPlanner(tx, scope, direction, calls);
  return calls.map((call) => new CallTransition(call, now, planner));
}

export async function findConversations(
  tx: Tx,
  scope: Scope,
  ids: readonly string[],
): Promise<Map<string, NamingConversation[]>> {
  return Map.groupBy(await findNaming(tx, scope, ids), ({ queueId }) => queueId);
}

export async function applyAllConversations(
  tx: Tx,
  scope: Scope,
  transitions: readonly CallTransition[],
): Promise<void> {
  const ids = transitions.map(({ before }) => before.id);
  const naming = await findConversations(tx, scope, ids);
  for (const transition of transitions) {
    await applyConversations(tx, scope, transition, naming.get(transition.before.id));
  }
}

export async function applyConversations(
  tx: Tx,
  scope: Scope,
  transition: CallTransition,
  conversations: readonly NamingConversation[] = [],
): Promise<void> {
  for (const conversation of conversations) {
    await applyConversation(tx, scope, transition, conversation);
  }
  const { status, sessionId } = transition.after;
  const isNamed = conversations.some((conversation) => conversation.id === sessionId);
  if (status !== 'Processing' || sessionId === null || isNamed) return;
  // The conversation was erased or replaced, and no longer names this call.
  endAttempt(transition, {
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
  transition: CallTransition,
  conversation: NamingConversation,
): Promise<void> {
  const call = transition.after;
  const isBound = call.sessionId === conversation.id;
  if (isBound && call.status !== 'Processing') {
    setSession(transition, conversation);
    if (call.abandonedAt === null || !isFinal(conversation)) return;
    const late = { ...outcomeOf(conversation), by: 'conversation', leaseToken: null } as const;
    return applyLateOutcome(tx, scope, transition, late);
  }
  if (call.sessionId !== null && call.status === 'Processing' && !isBound) return;
  if (!isBound) {
    if (await belongsToEarlierAttempt(tx, scope, transition, conversation)) return;
    if (call.status === 'Queued') {
      beginAttempt(transition, conversation.id);
    } else if (call.status !== 'Processing') {
      if (call.sessionId === null) setSession(transition, conversation);
      return;
    }
  }
  const { leaseExpiresAt } = transition.after;
  setSession(transition, conversation);
  if (isFinal(conversation)) endAttempt(transition, outcomeOf(conversation));
  else if (transition.after.watchAt === null) watch(transition, leaseExpiresAt);
}

export async function applyLateOutcome(
  tx: Tx,
  scope: Scope,
  transition: CallTransition,
  late: LateEnd,
): Promise<void> {
  // No retry if another call to the number was enqueued in the campaign since.
  const isReplaced = await isNumberWaiting(tx, scope, transition.after);
  endAbandonedAttempt(transition, { ...late, ...(isReplaced && { retryable: false }) });
}

const outcomeOf = ({ status, endType }: NamingConversation): AttemptEnd => ({
  outcome: status === 'Completed' ? 'Completed' : 'Failed',
  endType,
  reason: null,
  retryable: null,
});

/** The conversation then decides when the attempt ends, not the call lease. */
function setSession(transition: CallTransition, { id, status, endType }: NamingConversation): void {
  const { sessionId, sessionStatus, sessionEndType, leaseExpiresAt } = transition.after;
  const isSet = sessionId === id && sessionStatus === status && sessionEndType === endType;
  if (isSet && leaseExpiresAt === null) return;
  const state = { sessionId: id, sessionStatus: status, sessionEndType: endType };
  transition.set({ ...state, leaseExpiresAt: null });
}

/** The history names it with an ended attempt, or it is over and began before the last end. */
async function belongsToEarlierAttempt(
  tx: Tx,
  scope: Scope,
  { after: call, rows }: CallTransition,
  conversation: NamingConversation,
): Promise<boolean> {
  const underWay = call.status === 'Processing' ? 1 : 0;
  if (call.attempts <= underWay) return false;
  if (call.status !== 'Queued' && call.status !== 'Processing') return false;
  const history = [...(await findDecisions(tx, scope, call)), ...rows];
  const ended = history.filter(({ decision }) => decision === 'AttemptEnded');
  if (ended.some(({ sessionId }) => sessionId === conversation.id)) return true;
  const lastEndedAt = ended.at(-1)?.at;
  return (
    isFinal(conversation) && lastEndedAt !== undefined && conversation.startTime <= lastEndedAt
  );
}
