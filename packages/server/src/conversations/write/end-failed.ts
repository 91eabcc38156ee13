import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { Fault } from '../../kernel/fault.ts';
import { type Event, isFinal } from '../model/conversation.ts';
import { givenEvent } from '../model/given-event.ts';
import { type AppendContext, appendEvents } from './append.ts';
import { findLive } from './live-store.ts';
import type { NamedConversation } from './queue-links-store.ts';

export const endNamed = (
  ctx: AppendContext,
  { businessId, conversationId }: NamedConversation,
): Promise<void> => endFailed(ctx, systemScope(businessId), conversationId);

/** Ends a live conversation because its call was canceled. No effect if it has ended. */
export async function endFailed(ctx: AppendContext, scope: Scope, id: string): Promise<void> {
  const found = await findLive(ctx.db, scope, id, []);
  if (found.kind !== 'live' || isFinal(found.header.status)) return;
  const now = ctx.clock.now();
  const message = 'The call was canceled while it was under way, so the conversation was ended.';
  // Clients cannot send these ids.
  const events: Event[] = [
    {
      eventId: '@canceled-log',
      type: 'log',
      at: now,
      log: { level: 'Warning', message, at: now, source: 'colloquy' },
    },
    {
      eventId: '@canceled',
      type: 'ended',
      at: Math.max(now, found.state.lastEventAt),
      status: 'Failed',
      endType: 'MidSessionFailure',
    },
  ];
  const options = { silentSince: Number.POSITIVE_INFINITY };
  await appendEvents(ctx, scope, id, events.map(givenEvent), options).catch((error: unknown) => {
    // The conversation has since ended or was deleted.
    const isOver =
      error instanceof Fault && ['CONFLICT', 'SESSION_SEALED', 'GONE'].includes(error.code);
    if (!isOver) throw error;
  });
}
