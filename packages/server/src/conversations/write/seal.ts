import type { Scope } from '../../access/authorization/scope.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { type Reduced, reduceStored } from '../model/reduce-stored.ts';
import { findConversation, findToChange } from '../store.ts';
import { type AppendContext, appendEvents } from './append.ts';
import { commit } from './commit.ts';
import { endingEvents, ignoreOver } from './end-failed.ts';
import { lockLive } from './live-store.ts';
import { findEnded, findSilent, replaceEvents } from './sealed-store.ts';

type Times = Pick<AppendContext, 'clock' | 'config'>;
export const sealedBefore = ({ clock, config }: Times) =>
  clock.now() - config.sealAfterSeconds * 1000;
export const silentSince = ({ clock, config }: Times) =>
  clock.now() - config.abandonAfterSeconds * 1000;

/** Seals conversations that ended long enough ago. Returns their number. */
export async function sealEnded(ctx: AppendContext, scope: Scope): Promise<number> {
  const before = sealedBefore(ctx);
  let total = 0;
  for (;;) {
    const ended = await findEnded(ctx.db, scope, before);
    let sealed = 0;
    for (const { id, version } of ended) {
      if (await seal(ctx, scope, id, version)) sealed += 1;
    }
    total += sealed;
    // If an append changed a conversation during this round, the next one seals it.
    if (sealed === 0) return total;
  }
}

/** Seals a live conversation now; if it has not ended, ends it first like an abandoned one. */
export async function endAndSeal(ctx: AppendContext, scope: Scope, id: string): Promise<void> {
  const found = await findConversation(ctx.db, scope, id);
  if (found?.kind !== 'live') return;
  const { header, latestAt } = await reduceStored(ctx, id, found.events);
  if (header.endTime === null) {
    const events = abandonedEvents(ctx, latestAt);
    const append = { events, silentSince: ctx.clock.now() };
    await appendEvents(ctx, scope, id, append).catch(ignoreOver);
  }
  ctx.live.evict(scope, id);
  await ctx.db.transaction(async (tx) => {
    await lockLive(tx, scope, id);
    const live = await findToChange(tx, scope, id);
    if (live?.kind !== 'live') return;
    await write(ctx, tx, scope, { ...(await reduceStored(ctx, id, live.events)), version: null });
  });
  ctx.committed(scope, { hasUsage: true });
}

async function seal(ctx: AppendContext, scope: Scope, id: string, version: number) {
  const stored = await findConversation(ctx.db, scope, id);
  if (stored?.kind !== 'live') return false;
  ctx.live.evict(scope, id);
  const reduced = await reduceStored(ctx, id, stored.events);
  const isSealed = await ctx.db.transaction((tx) => write(ctx, tx, scope, { ...reduced, version }));
  ctx.committed(scope, { hasUsage: true });
  return isSealed;
}

/** False if an append has changed the version; `version` is null if the caller holds the lock. */
async function write(
  ctx: AppendContext,
  tx: Tx,
  scope: Scope,
  { header, document, version, arrival, ...sealed }: Reduced & { readonly version: number | null },
): Promise<boolean> {
  if (!(await replaceEvents(tx, scope, { id: header.id, document }, version))) return false;
  const change = {
    reason: { type: 'Sealed', arrival },
    before: header,
    after: header,
    sealed,
  } as const;
  await commit(tx, ctx, { ...scope, now: ctx.clock.now() }, [change]);
  return true;
}

/** Ends live conversations without recent events as failed at their last event. Returns their number. */
export async function endAbandoned(ctx: AppendContext, scope: Scope): Promise<number> {
  const since = silentSince(ctx);
  let total = 0;
  for (;;) {
    const silent = await findSilent(ctx.db, scope, since);
    let ended = 0;
    for (const { id, lastEventAt } of silent) {
      const events = abandonedEvents(ctx, lastEventAt);
      const { accepted } = await appendEvents(ctx, scope, id, { events, silentSince: since });
      if (accepted > 0) ended += 1;
    }
    total += ended;
    if (ended === 0) return total;
  }
}

function abandonedEvents(ctx: AppendContext, endedAt: number) {
  const message = `No event arrived for ${ctx.config.abandonAfterSeconds} seconds; the conversation was ended at its last event.`;
  return endingEvents('@abandoned', { now: ctx.clock.now(), endedAt, message });
}
