import type { Context } from '../context.ts';
import type { LiveCache } from '../conversations/write/live-cache.ts';
import type { Counting } from '../counters/counts.ts';
import type { Notifier } from '../kernel/postgres/notifier.ts';

export type QueueContext = Pick<Context, 'db' | 'clock' | 'log' | 'secrets'> & {
  readonly counting: Counting;
  readonly notifier: Notifier;
};

export type QueueHandlerContext = Context & QueueContext & { readonly live: LiveCache };
