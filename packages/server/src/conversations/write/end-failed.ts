import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { Fault } from '../../kernel/fault.ts';
import { isFinal } from '../model/conversation.ts';
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
  const endedAt = Math.max(now, found.state.lastEventAt);
  const events = endingEvents('@canceled', { now, message, endedAt });
  const append = { events, silentSince: Number.POSITIVE_INFINITY };
  await appendEvents(ctx, scope, id, append).catch(ignoreOver);
}

/** Another writer has ended, sealed or deleted the conversation. */
export function ignoreOver(error: unknown): void {
  const isOver =
    error instanceof Fault && ['CONFLICT', 'SESSION_SEALED', 'GONE'].includes(error.code);
  if (!isOver) throw error;
}

interface Ending {
  readonly now: number;
  readonly endedAt: number;
  readonly message: string;
}

/** Clients cannot send ids that begin with @. */
export function endingEvents(eventId: `@${string}`, { now, endedAt, message }: Ending) {
  const log = { level: 'Warning', message, at: now, source: 'colloquy' } as const;
  const end = { status: 'Failed', endType: 'MidSessionFailure' } as const;
  return [
    givenEvent({ eventId: `${eventId}-log`, type: 'log', at: now, log }),
    givenEvent({ eventId, type: 'ended', at: endedAt, ...end }),
  ];
}
