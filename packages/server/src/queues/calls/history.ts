import { MAX_OCCUPANTS } from '@colloquy/wire';
import { isMasked, type Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { hasTombstone } from '../../tombstones/tombstone-store.ts';
import { type CampaignHold, findHolds } from '../campaigns/campaign-store.ts';
import type { ListedCall } from '../lists/list-store.ts';
import type { CallOf, DecisionRow, Direction, HistoryEntry } from './call.ts';
import { findCall, findDecisions } from './call-store.ts';
import { isConcealed } from './masked.ts';
import { findFormerOccupants, findOccupants, type Wait } from './occupant-store.ts';

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
  return (await hasTombstone(db, secrets, scope.businessId, 'call', id))
    ? new Fault('GONE', 'The call was erased.')
    : new Fault('NOT_FOUND', 'There is no such call in the queue of this business.');
}

/** Of the waits in a history so many have their occupants named, the last ones. */
const MAX_NAMED_WAITS = 100;

/** A call with every decision about it, in order, and with what held its campaign while it waited. */
export async function readHistory(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  scope: Scope,
  direction: Direction,
  id: string,
): Promise<{ readonly call: CallOf<Direction>; readonly entries: readonly HistoryEntry[] }> {
  const call: CallOf<Direction> = await requireCall(ctx, scope, direction, id);
  const decided = await findDecisions(ctx.db, scope, direction, id);
  // A masked reader is shown a call that is held back for its number as one that waits all the time.
  const rows = isMasked(scope) ? decided.filter((row) => !isConcealed(row)) : decided;
  if (call.direction === 'inbound' || call.campaignId === null) return { call, entries: rows };
  const holds = await findHolds(ctx.db, scope, call.campaignId, call.enqueuedAt);
  const merged = mergeHolds(rows, holds, ctx.clock.now());
  const { campaignId, status } = call;
  return { call, entries: await nameOccupants(ctx.db, scope, { id, campaignId, status }, merged) };
}

type MergedEntry = HistoryEntry & {
  /** What held its campaign, and when the call was due meanwhile. */
  readonly hold?: CampaignHold;
  readonly waits?: Wait[];
};

/**
 * Puts each hold of a campaign where the call began to be due under it. Between two rows of the history
 * the call either waits, due from the first row's `nextAttemptAt` on, or does not.
 */
function mergeHolds(
  rows: readonly DecisionRow[],
  holds: readonly CampaignHold[],
  now: number,
): MergedEntry[] {
  const entries: MergedEntry[] = [];
  const waitsUnder = new Map<CampaignHold, Wait[]>();
  for (const [at, row] of rows.entries()) {
    entries.push(row);
    if (row.nextAttemptAt === null) continue;
    const next = rows[at + 1]?.at ?? now;
    const dueAt = Math.max(row.at, row.nextAttemptAt);
    for (const hold of holds) {
      const from = Math.max(dueAt, hold.from);
      const until = Math.min(next, hold.to ?? now + 1);
      if (from >= until) continue;
      const known = waitsUnder.get(hold);
      known?.push({ from, until });
      if (known) continue;
      const waits = [{ from, until }];
      waitsUnder.set(hold, waits);
      const details = CAMPAIGN_HELD[hold.reason];
      entries.push({ at: from, decision: 'HeldBack', reason: hold.reason, details, hold, waits });
    }
  }
  return entries;
}

/** Names the calls that occupy the slots while a call waits for one; afterwards those that did meanwhile. */
async function nameOccupants(
  db: Db,
  scope: Scope,
  call: Pick<CallOf<'outbound'>, 'id' | 'status'> & { readonly campaignId: string },
  merged: readonly MergedEntry[],
): Promise<HistoryEntry[]> {
  const full = merged.filter(({ hold }) => hold?.reason === 'NO_SLOT');
  const waits = full.flatMap((entry) => entry.waits ?? []).slice(-MAX_NAMED_WAITS);
  const former = await findFormerOccupants(db, scope, call, waits, MAX_OCCUPANTS);
  const isLasting = (entry: MergedEntry) => entry.hold?.to === null && call.status === 'Queued';
  const lanes = full.some(isLasting) ? [call.campaignId] : [];
  const underWay = (await findOccupants(db, scope, lanes, MAX_OCCUPANTS)).get(call.campaignId);
  return merged.map((entry) => {
    const { hold, waits, ...rest } = entry;
    if (hold?.reason !== 'NO_SLOT') return rest;
    const those = new Set(waits?.flatMap((wait) => former.get(wait) ?? []));
    const occupiedBy = (isLasting(entry) && underWay) || [...those].slice(-MAX_OCCUPANTS);
    return { ...rest, ...(occupiedBy.length > 0 && { occupiedBy }) };
  });
}

const CAMPAIGN_HELD = {
  CAMPAIGN_PAUSED: 'Held back: its campaign is paused.',
  NO_SLOT: 'Held back: as many calls of its campaign as may be are under way.',
};
