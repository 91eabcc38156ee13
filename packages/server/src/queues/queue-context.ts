import type { Committed } from '../changes/log.ts';
import type { Context } from '../context.ts';
import type { ConversationContext } from '../conversations/handlers.ts';
import type { Notifier } from '../kernel/postgres/notifier.ts';

export type QueueContext = Pick<Context, 'db' | 'clock' | 'log' | 'secrets'> & {
  readonly committed: Committed;
  readonly notifier: Notifier;
};

export type QueueHandlerContext = ConversationContext & QueueContext;
