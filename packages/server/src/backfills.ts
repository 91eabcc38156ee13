import type { Backfill } from './base/jobs/backfill.ts';
import type { ConversationContext } from './conversations/handlers.ts';

/** The backfills of this release. Each is declared in the room that owns its table. */
export function backfillsOf(_ctx: ConversationContext): readonly Backfill[] {
  return [];
}
