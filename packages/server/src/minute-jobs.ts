import { type Scope, systemScope } from './access/scope.ts';
import { listBusinesses } from './access/store.ts';
import type { MinuteJobs } from './base/jobs.ts';
import { CONVERSATION_COUNTS } from './conversations/counts.ts';
import type { ConversationContext } from './conversations/handlers.ts';
import { endAbandoned, sealEnded } from './conversations/seal.ts';
import { INBOUND_COUNTS, OUTBOUND_COUNTS } from './queues/counts.ts';
import { businessesToSweep, sweepUnclaimedBlobs } from './recordings/sweep.ts';

/** All that is counted. */
export const COUNT_TABLES = [CONVERSATION_COUNTS, OUTBOUND_COUNTS, INBOUND_COUNTS];

/** What is done once a minute, one business after the other; each step is safe to repeat. */
export function minuteJobs(ctx: ConversationContext): MinuteJobs {
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
    'fold-counts': forEachBusiness(async ({ businessId }) => {
      for (const table of COUNT_TABLES) await table.fold(ctx.db, businessId);
    }),
    async 'sweep-recordings'() {
      for (const businessId of await businessesToSweep(ctx)) {
        await sweepUnclaimedBlobs(ctx, systemScope(businessId));
      }
    },
  };
}
