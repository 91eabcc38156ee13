import type { Backfill } from './base/jobs/backfill.ts';
import type { ConversationContext } from './conversations/handlers.ts';
import { pausesBackfill, remeasureBackfill } from './conversations/remeasure-recordings.ts';
import { searchBackfill } from './conversations/search-sealed.ts';
import { callersBackfill } from './queues/read-callers.ts';

/** The backfills of this release. Each is declared in the room that owns its table. */
export function backfillsOf(ctx: ConversationContext): readonly Backfill[] {
  return [searchBackfill(ctx), callersBackfill, remeasureBackfill(ctx), pausesBackfill(ctx)];
}
