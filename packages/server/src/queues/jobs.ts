import { forEachBusiness } from '../access/businesses/for-each-business.ts';
import type { ConversationContext } from '../conversations/handlers.ts';
import { FOLLOW_CONVERSATION, type NamedCall } from '../conversations/write/named-calls-store.ts';
import type { RoomJobs } from '../kernel/jobs/room-jobs.ts';
import type { Notifier } from '../kernel/postgres/notifier.ts';
import { endConcealedHolds } from './calls/end-concealed.ts';
import { followConversation } from './calls/follow.ts';
import { dropAnswers } from './enqueue/idempotent-store.ts';
import { dropNumberDays } from './lease/due-store.ts';
import { expireCalls, planAnew, returnAllLapsed } from './lease/lapse.ts';
import { callersBackfill } from './lists/read-callers.ts';

export const queueJobs = (
  ctx: ConversationContext & { readonly notifier: Notifier },
): RoomJobs => ({
  minute: {
    'return-lapsed-calls': forEachBusiness(ctx, (scope) => returnAllLapsed(ctx, scope)),
    'expire-calls': forEachBusiness(ctx, (scope) => expireCalls(ctx, scope)),
    'end-concealed-holds': forEachBusiness(ctx, (scope) => endConcealedHolds(ctx, scope)),
    'plan-calls': forEachBusiness(ctx, (scope) => planAnew(ctx, scope)),
    'drop-call-days': forEachBusiness(ctx, async (scope) => {
      const now = ctx.clock.now();
      await dropNumberDays(ctx.db, scope, now);
      await dropAnswers(ctx.db, scope, now);
    }),
  },
  named: {
    [FOLLOW_CONVERSATION]: (payload) => followConversation(ctx, payload as NamedCall),
  },
  backfills: [callersBackfill],
});
