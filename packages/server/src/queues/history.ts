import { MAX_OCCUPANTS } from '@colloquy/wire';
import { isMasked, type Scope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import type { Db } from '../base/db.ts';
import { wasErased } from '../base/erased-ids.ts';
import { Fault } from '../base/fault.ts';
import type { Secrets } from '../base/secrets.ts';
import type { CallOf, DecisionRow, Direction } from './call.ts';
import { findCall, findDecisions } from './call-store.ts';
import { type CampaignHold, findHolds } from './campaign-store.ts';
import type { ListedCall } from './list-store.ts';
import { isConcealed } from './masked.ts';
import { findOccupants } from './watch-store.ts';

/** The call with this id. NOT_FOUND, GONE. */
export async function requireCall<D extends Direction>(
  ctx: Pick<Context, 'db' | 'secrets'>,
  scope: Scope,
  direction: D,
  id: string,
): Promise<ListedCall<D>> {
  const call = await findCall(ctx.db, scope, direction, id);
  if (!call) throw await missingCall(ctx.db, ctx.secrets, scope, id);
  return call;
}

/** Why a call is not there: GONE or NOT_FOUND. */
export async function missingCall(
  db: Db,
  secrets: Secrets,
  scope: Scope,
  id: string,
): Promise<Fault> {
  return (await wasErased(db, secrets, scope.businessId, 'call', id))
    ? new Fault('GONE', 'The call was erased.')
    : new Fault('NOT_FOUND', 'There is no such call in the queue of this business.');
}

export type Entry = Pick<DecisionRow, 'at' | 'decision' | 'reason' | 'details'> & {
  /** The calls that occupy the slots of its campaign now. */
  readonly occupiedBy?: readonly string[];
};

/** A call with every decision about it, in order, and with what held its campaign while it waited. */
export async function readHistory(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  scope: Scope,
  direction: Direction,
  id: string,
): Promise<{ readonly call: CallOf<Direction>; readonly entries: readonly Entry[] }> {
  const call: CallOf<Direction> = await requireCall(ctx, scope, direction, id);
  const decided = await findDecisions(ctx.db, scope, direction, id);
  // A masked reader is shown a call that is held back for its number as one that waits all the time.
  const rows = isMasked(scope) ? decided.filter((row) => !isConcealed(row)) : decided;
  if (call.direction === 'inbound' || call.campaignId === null) return { call, entries: rows };
  const holds = await findHolds(ctx.db, scope, call.campaignId, call.enqueuedAt);
  const isFull = holds.some(({ reason, to }) => reason === 'NO_SLOT' && to === null);
  const lanes = isFull && call.status === 'Queued' ? [call.campaignId] : [];
  const occupants = await findOccupants(ctx.db, scope, lanes, MAX_OCCUPANTS);
  const occupiedBy = occupants.get(call.campaignId) ?? [];
  return { call, entries: mergeHolds(rows, holds, occupiedBy, ctx.clock.now()) };
}

/**
 * Puts each hold of a campaign where the call began to be due under it. Between two rows of the history
 * the call either waits, due from the first row's `nextAttemptAt` on, or does not.
 */
function mergeHolds(
  rows: readonly DecisionRow[],
  holds: readonly CampaignHold[],
  occupiedBy: readonly string[],
  now: number,
): Entry[] {
  const entries: Entry[] = [];
  const told = new Set<CampaignHold>();
  for (const [at, row] of rows.entries()) {
    entries.push(row);
    if (row.nextAttemptAt === null) continue;
    const until = rows[at + 1]?.at ?? now;
    const dueAt = Math.max(row.at, row.nextAttemptAt);
    for (const hold of holds) {
      const from = Math.max(dueAt, hold.from);
      if (told.has(hold) || from >= Math.min(until, hold.to ?? now + 1)) continue;
      told.add(hold);
      const isOccupied = hold.reason === 'NO_SLOT' && hold.to === null && occupiedBy.length > 0;
      entries.push({
        at: from,
        decision: 'HeldBack',
        reason: hold.reason,
        details: CAMPAIGN_HELD[hold.reason],
        ...(isOccupied && { occupiedBy }),
      });
    }
  }
  return entries;
}

const CAMPAIGN_HELD = {
  CAMPAIGN_PAUSED: 'Held back: its campaign is paused.',
  NO_SLOT: 'Held back: as many calls of its campaign as may be are under way.',
};
