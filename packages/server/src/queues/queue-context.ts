import type { Context } from '../context.ts';
import type { ConversationContext } from '../conversations/handlers.ts';
import type { Counting } from '../counters/counts.ts';
import type { Notifier } from '../kernel/postgres/notifier.ts';

export type QueueContext = Pick<Context, 'db' | 'clock' | 'log' | 'secrets'> & {
  readonly counting: Counting;
  readonly notifier: Notifier;
};

export type QueueHandlerContext = ConversationContext & QueueContext;
