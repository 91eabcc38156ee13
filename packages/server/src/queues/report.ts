import { type EndType, FINAL_STATUSES } from '@colloquy/wire';
import { type Scope, systemScope } from '../access/scope.ts';
import type { Clock } from '../base/clock.ts';
import type { Database, Tx } from '../base/db.ts';
import { Fault } from '../base/fault.ts';
import type { Secrets } from '../base/secrets.ts';
import { together } from '../base/together.ts';
import { findNaming, type NamingConversation } from '../conversations/named-calls-store.ts';
import { type Call, type Change, type DecisionRow, type Direction, laneOf } from './call.ts';
import { findDecisions, lockCalls, saveChanges } from './call-store.ts';
import { endIdleHolds } from './campaign-store.ts';
import { type AttemptEnd, Deciding, endAttempt, loseLease } from './decide.ts';
import type { QueueContext } from './enqueue.ts';
import { applyConversations } from './follow.ts';
import { missingCall } from './history.ts';
import type { Planner } from './plan.ts';
import { readPlanner } from './rules.ts';
import { tellWorkers } from './tell-workers.ts';
import { watch } from './watch.ts';

/** What a worker says of a call that it was handed. */
export type Report =
  | { readonly kind: 'heartbeat'; readonly leaseSeconds: number }
  | {
      readonly kind: 'complete';
      readonly sessionId: string | null;
      readonly endType: EndType | null;
    }
  | {
      readonly kind: 'fail';
      readonly endType: EndType;
      readonly reason: string | null;
      readonly retryable: boolean | null;
    };

interface Ask {
  readonly id: string;
  readonly token: string;
  readonly report: Report;
  readonly clock: Clock;
  readonly secrets: Secrets;
}

/** The call after the report, or why it is refused: what was decided along the way is kept. */
type Outcome = { readonly call: Call } | { readonly fault: Fault };

/** Reports that come at once share a transaction. */
const SHARING = { most: 64, atOnce: 1 };
const REPORTS = {
  outbound: together(SHARING, (db, businessId, asks: readonly Ask[]) =>
    reportAll(db as Database, systemScope(businessId), 'outbound', asks),
  ),
  inbound: together(SHARING, (db, businessId, asks: readonly Ask[]) =>
    reportAll(db as Database, systemScope(businessId), 'inbound', asks),
  ),
};

/**
 * Takes a worker's report of a call; gives the call as it is after it. Where its attempt has ended
 * already, by its conversation or by an earlier report, nothing changes. NOT_FOUND; CONFLICT where the
 * worker has lost its lease.
 */
export async function reportCall(
  ctx: QueueContext,
  scope: Scope,
  direction: Direction,
  given: { readonly id: string; readonly token: string; readonly report: Report },
): Promise<Call> {
  const ask = { ...given, clock: ctx.clock, secrets: ctx.secrets };
  const outcome = await REPORTS[direction](ctx.db, scope.businessId, ask);
  if (given.report.kind !== 'heartbeat') {
    ctx.counting.touched(scope);
    // A slot of its campaign is free, or it waits for another attempt.
    tellWorkers(ctx, scope, direction);
  }
  if ('fault' in outcome) throw outcome.fault;
  return outcome.call;
}

async function reportAll(
  db: Database,
  scope: Scope,
  direction: Direction,
  asks: readonly Ask[],
): Promise<Outcome[]> {
  return db.transaction(async (tx) => {
    const ids = [...new Set(asks.map(({ id }) => id))].sort();
    const calls: Map<string, Call> = await lockCalls(tx, scope, direction, ids);
    const planner = await readPlanner(tx, scope, direction, [...calls.values()]);
    const naming = Map.groupBy(await findNaming(tx, scope, ids), ({ queueId }) => queueId);
    const changes = new Map<string, Change>();
    const outcomes: Outcome[] = [];
    for (const { id, token, report, clock, secrets } of asks) {
      const call = calls.get(id);
      if (!call) {
        outcomes.push({ fault: await missingCall(tx, secrets, scope, id) });
        continue;
      }
      const deciding = new Deciding(call, clock.now());
      const conversations = naming.get(id) ?? [];
      // What was decided about it before in this transaction is not to be found yet.
      const told = changes.get(id)?.rows ?? [];
      outcomes.push(
        await take(tx, scope, direction, { deciding, planner, conversations, told }, token, report),
      );
      if (deciding.after === call) continue;
      calls.set(id, deciding.after);
      const earlier = changes.get(id);
      const { before, after, rows } = deciding.change;
      changes.set(id, {
        before: earlier?.before ?? before,
        after,
        rows: [...(earlier?.rows ?? []), ...rows],
      });
    }
    await saveChanges(tx, scope, direction, [...changes.values()]);
    const ended = [...changes.values()].filter(({ after }) => after.completedAt !== null);
    const limited = ended.filter(({ after }) => planner.limitOf(after) !== null);
    const lanes = [...new Set(limited.map(({ after }) => laneOf(after)))];
    await endIdleHolds(tx, scope, lanes, asks[0]?.clock.now() ?? 0);
    return outcomes;
  });
}

interface Reported {
  readonly deciding: Deciding<Call>;
  readonly planner: Planner;
  readonly conversations: readonly NamingConversation[];
  readonly told: readonly DecisionRow[];
}

async function take(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  { deciding, planner, conversations, told }: Reported,
  token: string,
  report: Report,
): Promise<Outcome> {
  const { before: call, now } = deciding;
  if (call.status !== 'Processing' || call.leaseToken !== token) {
    return (await isOver(tx, scope, direction, { call, token, told })) ?? { call };
  }
  const hasLapsed = call.leaseExpiresAt !== null && call.leaseExpiresAt <= now;
  if (hasLapsed || report.kind !== 'heartbeat') {
    // A conversation that has ended already ends the attempt with its own end type.
    await applyConversations(tx, scope, deciding, planner, conversations);
    if (deciding.after.status !== 'Processing') return { call: deciding.after };
  }
  if (hasLapsed && deciding.after.sessionId === null) {
    loseLease(deciding, planner);
    return { fault: conflict('The lease of this call has run out; it was given back.') };
  }
  if (report.kind === 'heartbeat') {
    if (deciding.after.leaseExpiresAt !== null) {
      deciding.set({ leaseExpiresAt: now + report.leaseSeconds * 1000 });
    } else {
      watch(deciding, planner, now + report.leaseSeconds * 1000);
    }
    return { call: deciding.after };
  }
  if (report.kind === 'complete') return complete(deciding, planner, report);
  end(deciding, planner, { outcome: 'Failed', ...report });
  return { call: deciding.after };
}

function complete(
  deciding: Deciding<Call>,
  planner: Planner,
  { sessionId, endType }: Extract<Report, { kind: 'complete' }>,
): Outcome {
  const { after } = deciding;
  const goesOn = after.sessionStatus !== null && !FINAL_STATUSES.includes(after.sessionStatus);
  // The conversation will tell how it ended.
  if (goesOn && endType === null) return { call: after };
  deciding.set({ sessionId: after.sessionId ?? sessionId });
  end(deciding, planner, { outcome: 'Completed', endType, reason: null, retryable: null });
  return { call: deciding.after };
}

function end(deciding: Deciding<Call>, planner: Planner, attemptEnd: AttemptEnd): void {
  deciding.set({ sessionEndType: deciding.after.sessionEndType ?? attemptEnd.endType });
  endAttempt(deciding, planner, attemptEnd);
}

/** null where the attempt of this token ended in the usual way; the call then stays as it is. */
async function isOver(
  tx: Tx,
  scope: Scope,
  direction: Direction,
  {
    call,
    token,
    told,
  }: { readonly call: Call; readonly token: string; readonly told: readonly DecisionRow[] },
): Promise<Outcome | null> {
  const rows = [...(await findDecisions(tx, scope, direction, call.id)), ...told];
  const ofToken = rows.filter(({ leaseToken }) => leaseToken === token);
  if (ofToken.some(({ decision }) => decision === 'AttemptEnded')) return null;
  const how = ofToken.some(({ decision }) => decision === 'Canceled')
    ? 'The call was canceled.'
    : ofToken.length > 0
      ? 'The lease of this call has run out; it was given back.'
      : 'The LeaseToken is none of this call.';
  return { fault: conflict(how) };
}

const conflict = (message: string) => new Fault('CONFLICT', message);
