import { type Scope, systemScope } from '../access/scope.ts';
import type { AppendContext } from './append.ts';
import { appendEvents } from './append.ts';
import { renderDocument } from './document.ts';
import { fold } from './fold.ts';
import { findConversation, findEnded, findSilent, sealConversation } from './store.ts';

/**
 * Seals the conversations of a business that ended long enough ago: their events become the
 * document that readers are sent from then on. Returns how many it sealed.
 */
export async function sealEnded(ctx: AppendContext, scope: Scope): Promise<number> {
  const before = ctx.clock.now() - ctx.config.sealAfterSeconds * 1000;
  let sealed = 0;
  for (const { id, version } of await findEnded(ctx.db, scope, before)) {
    const stored = await findConversation(ctx.db, scope, id);
    if (stored?.kind !== 'live') continue;
    const document = renderDocument(fold(id, stored.events));
    if (await sealConversation(ctx.db, scope, id, version, document)) sealed += 1;
    ctx.live.forget(scope, id);
  }
  return sealed;
}

/**
 * Ends the live conversations of a business of which nothing was heard for a long time, as failed at
 * their last event. Returns how many it ended.
 */
export async function endAbandoned(ctx: AppendContext, scope: Scope): Promise<number> {
  const { abandonAfterSeconds } = ctx.config;
  const now = ctx.clock.now();
  const silent = await findSilent(ctx.db, scope, now - abandonAfterSeconds * 1000);
  for (const { id, lastEventAt } of silent) {
    // These ids are none that a client can send.
    await appendEvents(ctx, systemScope(scope.businessId), id, [
      {
        eventId: '@abandoned-log',
        type: 'log',
        at: now,
        log: {
          level: 'Warning',
          message: `No event came for ${abandonAfterSeconds} seconds; the conversation was ended at its last event.`,
          at: now,
          source: 'colloquy',
        },
      },
      {
        eventId: '@abandoned',
        type: 'ended',
        at: lastEventAt,
        status: 'Failed',
        endType: 'MidSessionFailure',
      },
    ]);
  }
  return silent.length;
}
