import { END_TYPE, HOLD_REASONS } from '@colloquy/wire';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { newId } from '../../kernel/ids.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { Call, CallOf, DecisionRow, Direction } from '../calls/call.ts';
import { cancel } from '../calls/call-decisions.ts';
import { findDecisions, lockCalls } from '../calls/call-store.ts';
import { CallTransition } from '../calls/call-transition.ts';
import { addCalls } from '../enqueue/add-store.ts';
import { eraseCalls } from './people-store.ts';

const ANONYMISED_NUMBER = 'anonymised';

export type LockedCalls = { readonly [D in Direction]: readonly CallOf<D>[] };

export async function lockCallsToErase(
  tx: Tx,
  scope: Scope,
  ids: readonly string[],
): Promise<LockedCalls> {
  const sorted = [...new Set(ids)].sort();
  const outbound = await lockCalls(tx, scope, 'outbound', sorted);
  const inbound = await lockCalls(tx, scope, 'inbound', sorted);
  return { outbound: [...outbound.values()], inbound: [...inbound.values()] };
}

export async function eraseLockedCalls(
  tx: Tx,
  { secrets }: Pick<Context, 'secrets'>,
  scope: Scope,
  { calls, now }: { readonly calls: LockedCalls; readonly now: number },
): Promise<void> {
  await eraseCalls(tx, secrets, scope, { calls: calls.outbound, now });
  await eraseCalls(tx, secrets, scope, { calls: calls.inbound, now });
}

export function freshCallIds({ outbound, inbound }: LockedCalls): Map<string, string> {
  const all: readonly Call[] = [...outbound, ...inbound];
  return new Map(all.map(({ id, enqueuedAt }) => [id, newId('queue', enqueuedAt)]));
}

export interface FreshIds {
  readonly sessions: ReadonlyMap<string, string>;
  readonly calls: ReadonlyMap<string, string>;
}

interface Anonymisation {
  readonly calls: LockedCalls;
  readonly fresh: FreshIds;
  readonly now: number;
}

/** Cancels those that are not over. */
export async function anonymiseCalls(
  tx: Tx,
  ctx: Pick<Context, 'secrets'>,
  scope: Scope,
  given: Anonymisation,
): Promise<void> {
  await replaceAll(tx, ctx, scope, {
    ...given,
    direction: 'outbound',
    anonymise: (call) => ({
      ...call,
      recipientNumber: ANONYMISED_NUMBER,
      dynamicVariables: '{}',
      metadata: '{}',
      timeZone: null,
    }),
  });
  await replaceAll(tx, ctx, scope, {
    ...given,
    direction: 'inbound',
    anonymise: (call) => ({
      ...call,
      callerNumber: ANONYMISED_NUMBER,
      callerE164: null,
      providerCallId: call.id,
    }),
  });
}

interface Replacement<D extends Direction> extends Anonymisation {
  readonly direction: D;
  anonymise(call: CallOf<D>): CallOf<D>;
}

async function replaceAll<D extends Direction>(
  tx: Tx,
  { secrets }: Pick<Context, 'secrets'>,
  scope: Scope,
  { direction, calls: locked, fresh, now, anonymise }: Replacement<D>,
): Promise<void> {
  const calls: readonly CallOf<D>[] = locked[direction];
  const { sessions, calls: ids } = fresh;
  const copies = [];
  for (const call of calls) {
    const transition = new CallTransition<CallOf<D>>(call, now);
    if (call.status === 'Queued' || call.status === 'Processing') cancel(transition, null);
    const history = [...(await findDecisions(tx, scope, call)), ...transition.rows];
    const { after } = transition;
    const { sessionId, lastReason } = after;
    const rows = history.map((row) => anonymiseRow(row, sessions));
    const copy = {
      ...after,
      id: ids.get(call.id) ?? newId('queue', call.enqueuedAt),
      sessionId: (sessionId && sessions.get(sessionId)) ?? null,
      lastReason: isKnownReason(lastReason) ? lastReason : null,
      leaseToken: null,
      decisions: rows.length,
    };
    copies.push({ call: anonymise(copy), rows });
  }
  // First, because the provider's id of an inbound call is unique.
  await eraseCalls(tx, secrets, scope, { calls, now });
  await addCalls(tx, scope, direction, copies);
}

/** Other reasons are free text of a worker. */
const isKnownReason = (reason: string | null) =>
  [...END_TYPE.names, ...HOLD_REASONS, 'LEASE_EXPIRED'].some((known) => known === reason);

const anonymiseRow = (row: DecisionRow, sessions: ReadonlyMap<string, string>): DecisionRow => ({
  ...row,
  details: `${row.decision}.`,
  reason: isKnownReason(row.reason) ? row.reason : null,
  leaseToken: null,
  sessionId: (row.sessionId && sessions.get(row.sessionId)) ?? null,
});
