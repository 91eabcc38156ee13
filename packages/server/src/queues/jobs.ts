import { forEachBusiness } from '../access/businesses/for-each-business.ts';
import type { ConversationContext } from '../conversations/handlers.ts';
import { FOLLOW_CONVERSATION, type NamedCall } from '../conversations/write/queue-links-store.ts';
import type { RoomJobs } from '../kernel/jobs/room-jobs.ts';
import type { Notifier } from '../kernel/postgres/notifier.ts';
import { cancelConcealedDeferrals } from './calls/end-concealed.ts';
import { followConversation } from './calls/follow.ts';
import { expireAnswers } from './enqueue/idempotent-store.ts';
import { expireNumberDays } from './lease/due-store.ts';
import { expireAllLeases, expireCalls, replanCalls } from './lease/expire.ts';
import { callersBackfill } from './lists/read-callers.ts';

export const queueJobs = (
  ctx: ConversationContext & { readonly notifier: Notifier },
): RoomJobs => ({
  minute: {
    'return-lapsed-calls': forEachBusiness(ctx, (scope) => expireAllLeases(ctx, scope)),
    'expire-calls': forEachBusiness(ctx, (scope) => expireCalls(ctx, scope)),
    'end-concealed-holds': forEachBusiness(ctx, (scope) => cancelConcealedDeferrals(ctx, scope)),
    'plan-calls': forEachBusiness(ctx, (scope) => replanCalls(ctx, scope)),
    'drop-call-days': forEachBusiness(ctx, async (scope) => {
      const now = ctx.clock.now();
      await expireNumberDays(ctx.db, scope, now);
      await expireAnswers(ctx.db, scope, now);
    }),
  },
  named: {
    [FOLLOW_CONVERSATION]: (payload) => followConversation(ctx, payload as NamedCall),
  },
  backfills: [callersBackfill],
});
