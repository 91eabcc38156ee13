import { forEachFound } from '../access/businesses/for-each-business.ts';
import type { ConversationContext } from '../conversations/handlers.ts';
import { FOLLOW_CONVERSATION, type NamedCall } from '../conversations/write/queue-links-store.ts';
import type { RoomJobs } from '../kernel/jobs/room-jobs.ts';
import type { Notifier } from '../kernel/postgres/notifier.ts';
import { cancelConcealedDeferrals, concealedBy } from './calls/end-concealed.ts';
import { followConversation } from './calls/follow.ts';
import { TO_REPLAN } from './campaigns/queue-store.ts';
import { expireAnswers, WITH_DAYS_OR_ANSWERS } from './enqueue/idempotent-store.ts';
import { WITH_CONCEALED } from './enqueue/repeat-store.ts';
import { expireNumberDays, WITH_EXPIRED, WITH_EXPIRED_LEASES } from './lease/due-store.ts';
import { expireAllLeases, expireCalls, replanCalls } from './lease/expire.ts';
import { callersBackfill } from './lists/read-callers.ts';

export const queueJobs = (
  ctx: ConversationContext & { readonly notifier: Notifier },
): RoomJobs => ({
  minute: {
    'return-lapsed-calls': forEachFound(
      ctx,
      WITH_EXPIRED_LEASES,
      (scope) => expireAllLeases(ctx, scope),
      () => ctx.clock.now(),
    ),
    'expire-calls': forEachFound(
      ctx,
      WITH_EXPIRED,
      (scope) => expireCalls(ctx, scope),
      () => ctx.clock.now(),
    ),
    'end-concealed-holds': forEachFound(
      ctx,
      WITH_CONCEALED,
      (scope) => cancelConcealedDeferrals(ctx, scope),
      () => concealedBy(ctx),
    ),
    'plan-calls': forEachFound(
      ctx,
      TO_REPLAN,
      (scope) => replanCalls(ctx, scope),
      () => ctx.clock.now(),
    ),
    'drop-call-days': forEachFound(ctx, WITH_DAYS_OR_ANSWERS, async (scope) => {
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
