import { MAX_OCCUPANTS } from '@colloquy/wire';
import { isMasked, type Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { hasTombstone } from '../../tombstones/tombstone-store.ts';
import { type CampaignSuspension, findSuspensions } from '../campaigns/campaign-store.ts';
import type { ListedCall } from '../lists/list-store.ts';
import type { CallOf, DecisionRow, Direction, HistoryEntry } from './call.ts';
import { findCall, findDecisions } from './call-store.ts';
import { isConcealed } from './masked.ts';
import { findFormerOccupants, findOccupants, type Wait } from './occupant-store.ts';

/** NOT_FOUND, GONE. */
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

export async function missingCall(
  db: Db,
  secrets: Secrets,
  scope: Scope,
  id: string,
): Promise<Fault> {
  return (await hasTombstone(db, secrets, scope.businessId, { kind: 'call', id }))
    ? new Fault('GONE', 'The call was erased.')
    : new Fault('NOT_FOUND', 'There is no such call in the queue of this business.');
}

const MAX_NAMED_WAITS = 100;

/** NOT_FOUND, GONE. */
export async function readHistory(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  scope: Scope,
  direction: Direction,
  id: string,
): Promise<{ readonly call: CallOf<Direction>; readonly entries: readonly HistoryEntry[] }> {
  const call: CallOf<Direction> = await requireCall(ctx, scope, direction, id);
  const decided = await findDecisions(ctx.db, scope, call);
  // A masked reader must not see that a call was deferred because of its number.
  const rows = isMasked(scope) ? decided.filter((row) => !isConcealed(row)) : decided;
  if (call.direction === 'inbound' || call.campaignId === null) return { call, entries: rows };
  const suspensions = await findSuspensions(ctx.db, scope, call.campaignId, call.enqueuedAt);
  const merged = mergeSuspensions(rows, suspensions, ctx.clock.now());
  const { campaignId, status } = call;
  return { call, entries: await nameOccupants(ctx.db, scope, { id, campaignId, status }, merged) };
}

type MergedEntry = HistoryEntry & {
  readonly suspension?: CampaignSuspension;
  readonly waits?: Wait[];
};

/**
 * Adds an entry for each suspension, from when the call was due. Between two rows, the call waits
 * from the first row's `nextAttemptAt`, or not at all.
 */
function mergeSuspensions(
  rows: readonly DecisionRow[],
  suspensions: readonly CampaignSuspension[],
  now: number,
): MergedEntry[] {
  const entries: MergedEntry[] = [];
  const waitsUnder = new Map<CampaignSuspension, Wait[]>();
  for (const [at, row] of rows.entries()) {
    entries.push(row);
    if (row.nextAttemptAt === null) continue;
    const next = rows[at + 1]?.at ?? now;
    const dueAt = Math.max(row.at, row.nextAttemptAt);
    for (const suspension of suspensions) {
      const from = Math.max(dueAt, suspension.from);
      const until = Math.min(next, suspension.to ?? now + 1);
      if (from >= until) continue;
      const known = waitsUnder.get(suspension);
      known?.push({ from, until });
      if (known) continue;
      const waits = [{ from, until }];
      waitsUnder.set(suspension, waits);
      const { reason } = suspension;
      const details = SUSPENSION_TEXTS[reason];
      entries.push({ at: from, decision: 'HeldBack', reason, details, suspension, waits });
    }
  }
  return entries;
}

async function nameOccupants(
  db: Db,
  scope: Scope,
  call: Pick<CallOf<'outbound'>, 'id' | 'status'> & { readonly campaignId: string },
  merged: readonly MergedEntry[],
): Promise<HistoryEntry[]> {
  const full = merged.filter(({ suspension }) => suspension?.reason === 'NO_SLOT');
  const waits = full.flatMap((entry) => entry.waits ?? []).slice(-MAX_NAMED_WAITS);
  const former = await findFormerOccupants(db, scope, call, waits);
  const isOngoing = ({ suspension }: MergedEntry) =>
    suspension?.to === null && call.status === 'Queued';
  const campaignIds = full.some(isOngoing) ? [call.campaignId] : [];
  const occupants = await findOccupants(db, scope, campaignIds);
  const current = occupants.get(call.campaignId);
  return merged.map((entry) => {
    const { suspension, waits, ...rest } = entry;
    if (suspension?.reason !== 'NO_SLOT') return rest;
    const ids = new Set(waits?.flatMap((wait) => former.get(wait) ?? []));
    const occupiedBy = (isOngoing(entry) && current) || [...ids].slice(-MAX_OCCUPANTS);
    return { ...rest, ...(occupiedBy.length > 0 && { occupiedBy }) };
  });
}

const SUSPENSION_TEXTS = {
  CAMPAIGN_PAUSED: 'Held back: its campaign is paused.',
  NO_SLOT: 'Held back: as many calls of its campaign as may be are under way.',
};
