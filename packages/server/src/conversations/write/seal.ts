import type { Scope } from '../../access/authorization/scope.ts';
import type { Event } from '../model/conversation.ts';
import { type GivenEvent, givenEvent } from '../model/given-event.ts';
import { reduceStored } from '../model/reduce-stored.ts';
import {
  findConversation,
  findEnded,
  findSilent,
  findToChange,
  sealConversation,
} from '../store.ts';
import type { AppendContext } from './append.ts';
import { appendEvents } from './append.ts';
import { lockLive } from './live-store.ts';

/**
 * Seals the conversations of a business that ended long enough ago: their events become the
 * document that readers are sent from then on. Returns how many it sealed.
 */
export async function sealEnded(ctx: AppendContext, scope: Scope): Promise<number> {
  const before = ctx.clock.now() - ctx.config.sealAfterSeconds * 1000;
  let total = 0;
  for (;;) {
    const ended = await findEnded(ctx.db, scope, before);
    let sealed = 0;
    for (const { id, version } of ended) {
      if (await seal(ctx, scope, id, version)) sealed += 1;
    }
    total += sealed;
    // What an append came between stays for the next round.
    if (sealed === 0) return total;
  }
}

/**
 * Seals a conversation that goes on, now: one that has not ended is ended as an abandoned one is.
 * One that is sealed stays as it is.
 */
export async function endAndSeal(ctx: AppendContext, scope: Scope, id: string): Promise<void> {
  const found = await findConversation(ctx.db, scope, id);
  if (found?.kind !== 'live') return;
  const { header, latestAt } = await reduceStored(ctx, id, found.events);
  if (header.endTime === null) {
    const events = farewell(ctx, latestAt);
    await appendEvents(ctx, scope, id, events, { silentSince: ctx.clock.now() });
  }
  ctx.live.forget(scope, id);
  await ctx.db.transaction(async (tx) => {
    await lockLive(tx, scope, id);
    const live = await findToChange(tx, scope, id);
    if (live?.kind !== 'live') return;
    await sealConversation(tx, scope, await reduceStored(ctx, id, live.events), null);
  });
}

async function seal(ctx: AppendContext, scope: Scope, id: string, version: number) {
  const stored = await findConversation(ctx.db, scope, id);
  if (stored?.kind !== 'live') return false;
  ctx.live.forget(scope, id);
  return sealConversation(ctx.db, scope, await reduceStored(ctx, id, stored.events), version);
}

/**
 * Ends the live conversations of a business of which nothing was heard for a long time, as failed at
 * their last event. Returns how many it ended.
 */
export async function endAbandoned(ctx: AppendContext, scope: Scope): Promise<number> {
  const since = ctx.clock.now() - ctx.config.abandonAfterSeconds * 1000;
  let total = 0;
  for (;;) {
    const silent = await findSilent(ctx.db, scope, since);
    let ended = 0;
    for (const { id, lastEventAt } of silent) {
      const events = farewell(ctx, lastEventAt);
      const { accepted } = await appendEvents(ctx, scope, id, events, { silentSince: since });
      if (accepted > 0) ended += 1;
    }
    total += ended;
    if (ended === 0) return total;
  }
}

/** Their ids are none that a client can send. */
function farewell(ctx: AppendContext, lastEventAt: number): GivenEvent[] {
  const now = ctx.clock.now();
  const message = `No event came for ${ctx.config.abandonAfterSeconds} seconds; the conversation was ended at its last event.`;
  const events: Event[] = [
    {
      eventId: '@abandoned-log',
      type: 'log',
      at: now,
      log: { level: 'Warning', message, at: now, source: 'colloquy' },
    },
    {
      eventId: '@abandoned',
      type: 'ended',
      at: lastEventAt,
      status: 'Failed',
      endType: 'MidSessionFailure',
    },
  ];
  return events.map(givenEvent);
}
