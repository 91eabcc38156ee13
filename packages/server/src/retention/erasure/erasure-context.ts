import type { Committed } from '../../changes/log.ts';
import type { Context } from '../../context.ts';
import type { LiveCache } from '../../conversations/write/live-cache.ts';
import type { Notifier } from '../../kernel/postgres/notifier.ts';

export type ErasureContext = Pick<
  Context,
  'db' | 'blobs' | 'clock' | 'ledger' | 'log' | 'metrics' | 'secrets' | 'threads'
> & {
  readonly committed: Committed;
  readonly live: LiveCache;
  readonly notifier: Notifier;
};
