import type { ConversationContext } from './conversations/handlers.ts';
import { searchBackfill } from './conversations/masking/search-sealed.ts';
import { pausesBackfill, remeasureBackfill } from './conversations/remeasure-recordings.ts';
import type { Backfill } from './kernel/jobs/backfill.ts';
import { callersBackfill } from './queues/lists/read-callers.ts';

/** The backfills of this release. Each is declared in the room that owns its table. */
export function backfillsOf(ctx: ConversationContext): readonly Backfill[] {
  return [searchBackfill(ctx), callersBackfill, remeasureBackfill(ctx), pausesBackfill(ctx)];
}
