import { type Scope, systemScope } from './access/authorization/scope.ts';
import { findRedaction, listWithRedaction } from './access/businesses/redaction-store.ts';
import { listWithRetention } from './access/businesses/retention-store.ts';
import { sweepSignIns } from './access/sign-in/account-store.ts';
import { listBusinesses } from './access/store.ts';
import type { ConversationContext } from './conversations/handlers.ts';
import { reopenSearch } from './conversations/masking/search-sealed.ts';
import { silenceRecording } from './conversations/masking/silence.ts';
import { CONVERSATION_COUNTS } from './conversations/model/counts.ts';
import { describeRecording } from './conversations/read/peaks.ts';
import { forgetErased } from './conversations/store.ts';
import { endNamed } from './conversations/write/end-failed.ts';
import {
  END_CONVERSATION,
  FOLLOW_CONVERSATION,
  type NamedCall,
  type NamedConversation,
} from './conversations/write/named-calls-store.ts';
import { endAbandoned, sealEnded } from './conversations/write/seal.ts';
import type { MinuteJobs, NamedJobs } from './kernel/jobs/jobs.ts';
import type { Notifier } from './kernel/postgres/notifier.ts';
import { INBOUND_COUNTS, OUTBOUND_COUNTS } from './queues/calls/counts.ts';
import { endConcealedHolds } from './queues/calls/end-concealed.ts';
import { followConversation } from './queues/calls/follow.ts';
import { dropAnswers } from './queues/enqueue/idempotent-store.ts';
import { dropNumberDays } from './queues/lease/due-store.ts';
import { expireCalls, planAnew, returnAllLapsed } from './queues/lease/lapse.ts';
import { hasFfmpeg } from './recordings/audio/decoding/ffmpeg.ts';
import type { NamedBlob } from './recordings/derived/decode.ts';
import { addMissingPeaksJobs, MAKE_PEAKS } from './recordings/derived/peaks-store.ts';
import { addMissingSilenceJobs, SILENCE_RECORDING } from './recordings/derived/silenced-store.ts';
import { sweepOrphans } from './recordings/storage/orphans.ts';
import { businessesToSweep, sweepUnclaimedBlobs } from './recordings/storage/sweep.ts';
import { silencedFor } from './redaction/mask.ts';
import { erasePerson } from './retention/erasure/erase-person.ts';
import {
  addRunningErasures,
  ERASE_PERSON,
  type NamedErasure,
} from './retention/erasure/erasure-store.ts';
import { PREVIEW_KEPT_MILLISECONDS, previewErasure } from './retention/erasure/preview-erasure.ts';
import {
  addRunningPreviews,
  expirePreviews,
  type NamedPreview,
  PREVIEW_ERASURE,
} from './retention/erasure/preview-store.ts';
import { planHeld, purgeOfBusiness } from './retention/jobs.ts';
import { addJobOf, type OfBusiness, PLAN_HELD, PURGE } from './retention/store.ts';

/** An upload adds its own job; these are for recordings from before, and what went wrong. */
const PEAKS_AFTER_MILLISECONDS = 10 * 60_000;
const PEAKS_AT_ONCE = 20;
const DAY_MILLISECONDS = 24 * 3_600_000;
/** A job that is tried again by itself takes longer and longer. */
const ERASING_MILLISECONDS = 30 * 60_000;
/** Copies without what is masked, each minute and business. */
const SILENCE_AT_ONCE = 200;

/** All that is counted. */
export const COUNT_TABLES = [CONVERSATION_COUNTS, OUTBOUND_COUNTS, INBOUND_COUNTS];

type JobContext = ConversationContext & { readonly notifier: Notifier };

/** What somebody asks for by its name. */
export function namedJobs(ctx: JobContext): NamedJobs {
  return {
    // The payloads are what those who add the jobs have put there.
    [FOLLOW_CONVERSATION]: (payload) => followConversation(ctx, payload as NamedCall),
    [END_CONVERSATION]: (payload) => endNamed(ctx, payload as NamedConversation),
    [SILENCE_RECORDING]: (payload) => silenceRecording(ctx, payload as NamedBlob),
    [MAKE_PEAKS]: (payload) => describeRecording(ctx, payload as NamedBlob),
    [PURGE]: (payload) => purgeOfBusiness(ctx, payload as OfBusiness),
    [ERASE_PERSON]: (payload) => erasePerson(ctx, payload as NamedErasure),
    [PREVIEW_ERASURE]: (payload) => previewErasure(ctx, payload as NamedPreview),
    [PLAN_HELD]: (payload) => planHeld(ctx, payload as OfBusiness),
  };
}

/** What is done once a minute, one business after the other; each step is safe to repeat. */
export function minuteJobs(ctx: JobContext): MinuteJobs {
  const forEachBusiness = (work: (scope: Scope) => Promise<unknown>) =>
    forEachOf(ctx, (after, limit) => listBusinessIds(ctx, after, limit), work);
  const forEachRedacting = (work: (scope: Scope) => Promise<unknown>) =>
    forEachOf(ctx, (after, limit) => listWithRedaction(ctx.db, after, limit), work);
  return {
    'seal-ended': forEachBusiness((scope) => sealEnded(ctx, scope)),
    'find-spans': forEachRedacting((scope) => reopenSearch(ctx.db, scope)),
    'end-abandoned': forEachBusiness((scope) => endAbandoned(ctx, scope)),
    'return-lapsed-calls': forEachBusiness((scope) => returnAllLapsed(ctx, scope)),
    'expire-calls': forEachBusiness((scope) => expireCalls(ctx, scope)),
    'end-concealed-holds': forEachBusiness((scope) => endConcealedHolds(ctx, scope)),
    'plan-calls': forEachBusiness((scope) => planAnew(ctx, scope)),
    'drop-call-days': forEachBusiness(async (scope) => {
      const now = ctx.clock.now();
      await dropNumberDays(ctx.db, scope, now);
      await dropAnswers(ctx.db, scope, now);
    }),
    'add-purges': forEachOf(
      ctx,
      (after, limit) => listWithRetention(ctx.db, after, limit),
      (scope) => addJobOf(ctx.db, scope, PURGE),
    ),
    'go-on-erasing': forEachBusiness((scope) =>
      addRunningErasures(ctx.db, scope, ctx.clock.now() - ERASING_MILLISECONDS),
    ),
    'go-on-previewing': forEachBusiness((scope) => addRunningPreviews(ctx.db, scope)),
    'expire-erasure-previews': forEachBusiness((scope) =>
      expirePreviews(ctx.db, scope, ctx.clock.now() - PREVIEW_KEPT_MILLISECONDS),
    ),
    'forget-erased': forEachBusiness(async (scope) => {
      while (await ctx.db.transaction((tx) => forgetErased(tx, ctx.secrets, scope)));
    }),
    'fold-counts': forEachBusiness(async ({ businessId }) => {
      for (const table of COUNT_TABLES) await table.rollUp(ctx.db, businessId);
    }),
    'find-peaks': forEachBusiness(async (scope) => {
      const before = ctx.clock.now() - PEAKS_AFTER_MILLISECONDS;
      await addMissingPeaksJobs(
        ctx.db,
        scope,
        before,
        await hasFfmpeg(ctx.config.searchPath),
        PEAKS_AT_ONCE,
      );
    }),
    'sweep-sign-ins': () => sweepSignIns(ctx.db, ctx.clock.now() - DAY_MILLISECONDS),
    'write-ledger': () => ctx.ledger.write(),
    'find-unsilenced': forEachRedacting(async (scope) => {
      const { categories, country } = await findRedaction(ctx.db, scope);
      const wish = silencedFor(categories, country);
      const hasDecoder = await hasFfmpeg(ctx.config.searchPath);
      await addMissingSilenceJobs(ctx.db, scope, wish, hasDecoder, SILENCE_AT_ONCE);
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

async function listBusinessIds({ db }: JobContext, after: number, limit: number) {
  return (await listBusinesses(db, after, limit)).map(({ businessId }) => businessId);
}

const BUSINESSES_AT_ONCE = 1000;

/** What fails in one business is logged, and keeps none of the others from its turn. */
function forEachOf(
  ctx: JobContext,
  list: (after: number, limit: number) => Promise<number[]>,
  work: (scope: Scope) => Promise<unknown>,
): () => Promise<void> {
  return async () => {
    let after = 0;
    for (;;) {
      const businesses = await list(after, BUSINESSES_AT_ONCE);
      for (const businessId of businesses) {
        await work(systemScope(businessId)).catch((error: unknown) => {
          ctx.log.error({ err: error, businessId }, 'a job failed for a business');
        });
      }
      if (businesses.length < BUSINESSES_AT_ONCE) return;
      after = businesses.at(-1) ?? after;
    }
  };
}
