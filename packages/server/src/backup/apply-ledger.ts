import type pg from 'pg';
import { audit } from '../access/audit/pending-store.ts';
import { type Scope, systemScope } from '../access/authorization/scope.ts';
import { eachBusiness } from '../access/businesses/for-each-business.ts';
import type { Context } from '../context.ts';
import { lockToPurge, purge } from '../conversations/erasure/purge.ts';
import { deleteConversations, lockForErasure } from '../conversations/erasure/remove.ts';
import type { AppendContext } from '../conversations/write/append.ts';
import { endAndSeal } from '../conversations/write/seal.ts';
import { eraseLockedCalls, lockCallsToErase } from '../queues/erasure/erase-calls.ts';
import { removeReleased } from '../recordings/storage/store.ts';
import type { LedgerEntry } from '../tombstones/ledger-store.ts';
import { type ErasedKind, idHash } from '../tombstones/tombstone-store.ts';
import {
  addLines,
  addTombstonesOfLines,
  countMissing,
  deleteKnownLines,
  findLines,
  indexLines,
  type Line,
  listBusinessesOfLines,
  listIds,
  makeLines,
} from './ledger-lines-store.ts';

export type ApplyContext = AppendContext & Pick<Context, 'blobs' | 'log'>;

/** The ledger lacks deletions that the database contains. */
export class LedgerError extends Error {}

export interface Applied {
  readonly conversations: number;
  readonly calls: number;
  readonly purged: number;
}

/** Deletes the listed data again. LedgerError if the ledger is older than the database. */
export async function applyLedger(
  ctx: ApplyContext,
  client: pg.ClientBase,
  ledger: AsyncIterable<readonly LedgerEntry[]>,
): Promise<Applied> {
  await makeLines(client);
  for await (const entries of ledger) await addLines(client, entries);
  await indexLines(client);
  let missing = 0;
  for await (const businessId of eachBusiness(ctx.db)) {
    missing += await countMissing(client, businessId);
  }
  if (missing > 0) {
    throw new LedgerError(
      `The ledger lacks ${missing} of the erasures that the backup contains, so it is incomplete; name the complete ledger.`,
    );
  }
  const sum = { conversations: 0, calls: 0, purged: 0 };
  for (const businessId of await listBusinessesOfLines(client)) {
    await deleteKnownLines(client, businessId);
    const scope = systemScope(businessId);
    for await (const found of match(ctx, client, scope, 'conversation')) {
      const erased = found.filter(({ lines }) => lines.some(isWhole));
      const purged = found.filter(({ lines }) => !lines.some(isWhole));
      await eraseConversations(ctx, scope, erased);
      for (const one of purged) await purgeAgain(ctx, scope, one);
      sum.conversations += erased.length;
      sum.purged += purged.length;
    }
    for await (const found of match(ctx, client, scope, 'call')) {
      await eraseCalls(ctx, scope, found);
      sum.calls += found.length;
    }
    await addTombstonesOfLines(client, businessId);
  }
  return sum;
}

interface Found {
  readonly id: string;
  readonly lines: readonly Line[];
}

const isWhole = ({ parts }: Line) => parts === 'Record';
const ID_PAGE_SIZE = 5_000;
const WORK_BATCH_SIZE = 25;

async function* match(
  { secrets }: ApplyContext,
  client: pg.ClientBase,
  { businessId }: Scope,
  kind: ErasedKind,
): AsyncGenerator<Found[]> {
  let after = '';
  for (;;) {
    const ids = await listIds(client, businessId, kind, { after, limit: ID_PAGE_SIZE });
    const byHash = new Map(ids.map((id) => [idHash(secrets, businessId, kind, id), id]));
    const lines = await findLines(client, businessId, [...byHash.keys()]);
    const found = [...Map.groupBy(lines, ({ idHash }) => idHash)].map(([hash, lines]) => ({
      id: byHash.get(hash) ?? '',
      lines,
    }));
    for (let at = 0; at < found.length; at += WORK_BATCH_SIZE) {
      yield found.slice(at, at + WORK_BATCH_SIZE);
    }
    if (ids.length < ID_PAGE_SIZE) return;
    after = ids.at(-1) ?? after;
  }
}

const lastOf = (found: readonly Found[]) =>
  Math.max(...found.flatMap(({ lines }) => lines.map(({ at }) => at)));

const AGAIN = { isErased: true, details: { Restored: true } };

async function eraseConversations(ctx: ApplyContext, scope: Scope, found: readonly Found[]) {
  if (found.length === 0) return;
  const ids = found.map(({ id }) => id);
  const released = await ctx.db.transaction(async (tx) => {
    const headers = await lockForErasure(tx, scope, ids);
    const event = { ...AGAIN, action: 'ConversationErased', kind: 'Conversation' } as const;
    const actor = { ...scope, now: ctx.clock.now() };
    await audit(tx, ctx, actor, ...ids.map((id) => ({ ...event, id })));
    const removal = { conversations: headers, now: lastOf(found) };
    return (await deleteConversations(tx, ctx, scope, removal)).released;
  });
  await removeReleased(ctx, scope, released);
}

async function eraseCalls(ctx: ApplyContext, scope: Scope, found: readonly Found[]) {
  const ids = found.map(({ id }) => id);
  await ctx.db.transaction(async (tx) => {
    const calls = await lockCallsToErase(tx, scope, ids);
    const event = { ...AGAIN, action: 'CallErased', kind: 'QueueEntry' } as const;
    const actor = { ...scope, now: ctx.clock.now() };
    await audit(tx, ctx, actor, ...ids.map((id) => ({ ...event, id })));
    await eraseLockedCalls(tx, ctx, scope, { calls, now: lastOf(found) });
  });
}

/** Only sealed conversations can be purged; this one may have been live in the backup. */
async function purgeAgain(ctx: ApplyContext, scope: Scope, { id, lines }: Found): Promise<void> {
  await endAndSeal(ctx, scope, id);
  for (const { parts, at } of lines) {
    const purged = new Set(parts.split(','));
    const released = await ctx.db.transaction(async (tx) => {
      const locked = await lockToPurge(tx, scope, [id]);
      const part = {
        transcript: purged.has('Transcript'),
        logs: purged.has('Logs'),
        recordings: purged.has('Recordings'),
        record: false,
      };
      if (locked.size === 0) throw new Error('a conversation that was restored is not sealed');
      return purge(tx, ctx.secrets, scope, { locked, parts: new Map([[id, part]]), now: at });
    });
    await removeReleased(ctx, scope, released);
  }
}
