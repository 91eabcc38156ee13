import type pg from 'pg';
import { audit } from '../access/audit/pending-store.ts';
import { type Scope, systemScope } from '../access/authorization/scope.ts';
import type { Context } from '../context.ts';
import { forgetConversations, lockToForget } from '../conversations/erasure/forget.ts';
import { lockToPurge, purge } from '../conversations/erasure/purge.ts';
import type { AppendContext } from '../conversations/write/append.ts';
import { endAndSeal } from '../conversations/write/seal.ts';
import { forgetCalls, lockCallsToForget } from '../queues/erasure/forget.ts';
import { removeReleased } from '../recordings/storage/store.ts';
import type { LedgerEntry } from '../tombstones/ledger-store.ts';
import { type ErasedKind, idHash } from '../tombstones/tombstone-store.ts';
import {
  addLines,
  countMissing,
  dropKnown,
  findLines,
  type Line,
  listIds,
  makeLines,
  rememberLines,
} from './ledger-lines-store.ts';

export type ApplyContext = AppendContext & Pick<Context, 'blobs' | 'log'>;

/** The ledger lacks what the database knows to have been erased; it is not the whole one. */
export class LedgerError extends Error {}

export interface Applied {
  readonly conversations: number;
  readonly calls: number;
  /** Conversations that lost parts. */
  readonly thinned: number;
}

/**
 * Lets go again of all that a ledger says was let go of after the database was saved. `client` may
 * have tables of its own. LedgerError where the ledger does not reach as far as the database.
 */
export async function applyLedger(
  ctx: ApplyContext,
  client: pg.ClientBase,
  ledger: AsyncIterable<readonly LedgerEntry[]>,
): Promise<Applied> {
  await makeLines(client);
  for await (const entries of ledger) await addLines(client, entries);
  const missing = await countMissing(client);
  if (missing > 0) {
    throw new LedgerError(
      `The ledger lacks ${missing} of the erasures that the backup knows of, so it is not the whole ledger.`,
    );
  }
  const sum = { conversations: 0, calls: 0, thinned: 0 };
  for (const businessId of await dropKnown(client)) {
    const scope = systemScope(businessId);
    for await (const found of match(ctx, client, scope, 'conversation')) {
      const erased = found.filter(({ lines }) => lines.some(isWhole));
      const thinned = found.filter(({ lines }) => !lines.some(isWhole));
      await erase(ctx, scope, erased);
      for (const one of thinned) await thin(ctx, scope, one);
      sum.conversations += erased.length;
      sum.thinned += thinned.length;
    }
    for await (const found of match(ctx, client, scope, 'call')) {
      await eraseCalls(ctx, scope, found);
      sum.calls += found.length;
    }
  }
  await rememberLines(client);
  return sum;
}

interface Found {
  readonly id: string;
  readonly lines: readonly Line[];
}

const isWhole = ({ parts }: Line) => parts === 'Record';
const IDS_AT_ONCE = 5_000;
const WORK_AT_ONCE = 25;

/** What there is of a kind that lines are about, some at a time. */
async function* match(
  { secrets }: ApplyContext,
  client: pg.ClientBase,
  { businessId }: Scope,
  kind: ErasedKind,
): AsyncGenerator<Found[]> {
  let after = '';
  for (;;) {
    const ids = await listIds(client, businessId, kind, after, IDS_AT_ONCE);
    const byHash = new Map(ids.map((id) => [idHash(secrets, businessId, kind, id), id]));
    const lines = await findLines(client, businessId, [...byHash.keys()]);
    const found = [...Map.groupBy(lines, ({ idHash }) => idHash)].map(([hash, lines]) => ({
      id: byHash.get(hash) ?? '',
      lines,
    }));
    for (let at = 0; at < found.length; at += WORK_AT_ONCE) {
      yield found.slice(at, at + WORK_AT_ONCE);
    }
    if (ids.length < IDS_AT_ONCE) return;
    after = ids.at(-1) ?? after;
  }
}

const lastOf = (found: readonly Found[]) =>
  Math.max(...found.flatMap(({ lines }) => lines.map(({ at }) => at)));

const AGAIN = { isErased: true, details: { Restored: true } };

async function erase(ctx: ApplyContext, scope: Scope, found: readonly Found[]): Promise<void> {
  if (found.length === 0) return;
  const ids = found.map(({ id }) => id);
  const released = await ctx.db.transaction(async (tx) => {
    const headers = await lockToForget(tx, scope, ids);
    const deed = { ...AGAIN, action: 'ConversationErased', kind: 'Conversation' } as const;
    await audit(tx, ctx, scope, ctx.clock.now(), ...ids.map((id) => ({ ...deed, id })));
    return (await forgetConversations(tx, ctx, scope, headers, lastOf(found))).released;
  });
  await removeReleased(ctx, scope, released);
}

async function eraseCalls(ctx: ApplyContext, scope: Scope, found: readonly Found[]) {
  const ids = found.map(({ id }) => id);
  await ctx.db.transaction(async (tx) => {
    const calls = await lockCallsToForget(tx, scope, ids);
    const deed = { ...AGAIN, action: 'CallErased', kind: 'QueueEntry' } as const;
    await audit(tx, ctx, scope, ctx.clock.now(), ...ids.map((id) => ({ ...deed, id })));
    await forgetCalls(tx, ctx, scope, calls, lastOf(found));
  });
}

/** Parts go of what is sealed; what went on when it was saved, and ended since, is sealed for that. */
async function thin(ctx: ApplyContext, scope: Scope, { id, lines }: Found): Promise<void> {
  await endAndSeal(ctx, scope, id);
  for (const { parts, at } of lines) {
    const gone = new Set(parts.split(','));
    const released = await ctx.db.transaction(async (tx) => {
      const locked = await lockToPurge(tx, scope, [id]);
      const part = {
        transcript: gone.has('Transcript'),
        logs: gone.has('Logs'),
        recordings: gone.has('Recordings'),
        record: false,
      };
      if (locked.size === 0) throw new Error('a conversation that was restored is not sealed');
      return purge(tx, ctx.secrets, scope, locked, new Map([[id, part]]), at);
    });
    await removeReleased(ctx, scope, released);
  }
}
