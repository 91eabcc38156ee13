import { type Scope, systemScope } from './access/scope.ts';
import { listBusinesses } from './access/store.ts';
import type { MinuteJobs, NamedJobs } from './base/jobs.ts';
import type { Wake } from './base/wake.ts';
import { CONVERSATION_COUNTS } from './conversations/counts.ts';
import type { ConversationContext } from './conversations/handlers.ts';
import { FOLLOW_CONVERSATION, type NamedCall } from './conversations/named-calls-store.ts';
import { endAbandoned, sealEnded } from './conversations/seal.ts';
import { INBOUND_COUNTS, OUTBOUND_COUNTS } from './queues/counts.ts';
import { dropNumberDays } from './queues/due-store.ts';
import { followConversation } from './queues/follow.ts';
import { dropAnswers } from './queues/idempotent-store.ts';
import { expireCalls, planAnew, returnAllLapsed } from './queues/lapse.ts';
import { sweepOrphans } from './recordings/orphans.ts';
import { businessesToSweep, sweepUnclaimedBlobs } from './recordings/sweep.ts';

/** All that is counted. */
export const COUNT_TABLES = [CONVERSATION_COUNTS, OUTBOUND_COUNTS, INBOUND_COUNTS];

type JobContext = ConversationContext & { readonly wake: Wake };

/** What somebody asks for by its name. */
export function namedJobs(ctx: JobContext): NamedJobs {
  return {
    // The payload is what `tellQueue` and the appends have put there.
    [FOLLOW_CONVERSATION]: (payload) => followConversation(ctx, payload as NamedCall),
  };
}

/** What is done once a minute, one business after the other; each step is safe to repeat. */
export function minuteJobs(ctx: JobContext): MinuteJobs {
  /** What fails in one business is logged, and keeps none of the others from its turn. */
  const forEachBusiness = (work: (scope: Scope) => Promise<unknown>) => async () => {
    let after = 0;
    for (;;) {
      const businesses = await listBusinesses(ctx.db, after, 1000);
      for (const { businessId } of businesses) {
        await work(systemScope(businessId)).catch((error: unknown) => {
          ctx.log.error({ err: error, businessId }, 'a job failed for a business');
        });
      }
      if (businesses.length < 1000) return;
      after = businesses.at(-1)?.businessId ?? after;
    }
  };
  return {
    'seal-ended': forEachBusiness((scope) => sealEnded(ctx, scope)),
    'end-abandoned': forEachBusiness((scope) => endAbandoned(ctx, scope)),
    'return-lapsed-calls': forEachBusiness((scope) => returnAllLapsed(ctx, scope)),
    'expire-calls': forEachBusiness((scope) => expireCalls(ctx, scope)),
    'plan-calls': forEachBusiness((scope) => planAnew(ctx, scope)),
    'drop-call-days': forEachBusiness(async (scope) => {
      const now = ctx.clock.now();
      await dropNumberDays(ctx.db, scope, now);
      await dropAnswers(ctx.db, scope, now);
    }),
    'fold-counts': forEachBusiness(async ({ businessId }) => {
      for (const table of COUNT_TABLES) await table.fold(ctx.db, businessId);
    }),
    async 'sweep-recordings'() {
      for (const businessId of await businessesToSweep(ctx)) {
        await sweepUnclaimedBlobs(ctx, systemScope(businessId));
      }
    },
    async 'sweep-orphans'() {
      await sweepOrphans(ctx);
    },
  };
}
