import { FINAL_STATUSES } from '@colloquy/wire';
import { audit } from '../access/audit/pending-store.ts';
import type { Scope } from '../access/authorization/scope.ts';
import type { Context } from '../context.ts';
import { findPresent } from '../conversations/read/head-store.ts';
import { countConversations } from '../conversations/read/list-store.ts';
import {
  countFilterHolds,
  findHold,
  type Hold,
  insertHold,
  liftHold,
  lockHolds,
} from '../holds/store.ts';
import { Fault } from '../kernel/fault.ts';
import { newId } from '../kernel/ids.ts';
import { addJobOf, PLAN_HELD } from './store.ts';

/** Every change or deletion of a conversation evaluates all of them. */
const MAX_FILTERS = 100;

interface NewHold extends Pick<Hold, 'name' | 'reason' | 'filter'> {
  readonly sessionIds: readonly string[] | null;
}

/** `held` is how many conversations match now. INVALID_REQUEST, NOT_FOUND, CONFLICT. */
export async function createHold(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  scope: Scope,
  { name, reason, sessionIds, filter }: NewHold,
) {
  if ((sessionIds === null) === (filter === null)) {
    throw new Fault('INVALID_REQUEST', 'Either SessionIds or Filter is required, but not both.');
  }
  if (filter?.statuses?.some((status) => !isFinal(status))) {
    throw new Fault(
      'INVALID_REQUEST',
      'Filter.SessionStates must only contain Completed or Failed, since conversations leave all other states; leave it out to hold conversations in every state.',
    );
  }
  const now = ctx.clock.now();
  const hold = {
    id: newId('hold', now),
    name,
    reason,
    filter,
    createdAt: now,
    createdBy: scope.userId,
    liftedAt: null,
    liftedBy: null,
  };
  const named = [...new Set(sessionIds ?? [])];
  await ctx.db.transaction(async (tx) => {
    await lockHolds(tx, scope, 'change');
    if (filter && (await countFilterHolds(tx, scope)) >= MAX_FILTERS) {
      throw new Fault('CONFLICT', `There are ${MAX_FILTERS} holds with a filter; lift one first.`);
    }
    const present = await findPresent(tx, scope, named);
    const unknown = named.find((id) => !present.has(id));
    if (unknown !== undefined) {
      throw new Fault('NOT_FOUND', `There is no conversation ${unknown} in this business.`);
    }
    await insertHold(tx, scope, hold, named);
    const details = filter ? { By: 'Filter' } : { By: 'SessionIds', Sessions: named.length };
    const event = { action: 'HoldCreated', kind: 'Hold', id: hold.id, details } as const;
    await audit(tx, ctx, { ...scope, now }, event);
  });
  const held = filter ? await countConversations(ctx.db, scope, filter) : named.length;
  return { id: hold.id, held };
}

const isFinal = (status: string) => FINAL_STATUSES.some((final) => final === status);

/** Lifts a hold; retention then catches up. NOT_FOUND. */
export async function endHold(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  scope: Scope,
  id: string,
): Promise<Hold> {
  return ctx.db.transaction(async (tx) => {
    await lockHolds(tx, scope, 'change');
    const now = ctx.clock.now();
    const lifted = await liftHold(tx, scope, id, now);
    if (!lifted) return requireHold(await findHold(tx, scope, id));
    await audit(tx, ctx, { ...scope, now }, { action: 'HoldLifted', kind: 'Hold', id });
    await addJobOf(tx, scope, PLAN_HELD);
    return lifted;
  });
}

export function requireHold(hold: Hold | null): Hold {
  if (!hold) throw new Fault('NOT_FOUND', 'There is no such hold in this business.');
  return hold;
}
