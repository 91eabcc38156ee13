import type { Context } from '../../context.ts';
import type { LiveCache } from '../../conversations/write/live-cache.ts';
import type { Counting } from '../../counters/counts.ts';
import type { Notifier } from '../../kernel/postgres/notifier.ts';

export type ErasureContext = Pick<
  Context,
  'db' | 'blobs' | 'clock' | 'ledger' | 'log' | 'metrics' | 'secrets' | 'threads'
> & {
  readonly counting: Counting;
  readonly live: LiveCache;
  readonly notifier: Notifier;
};
