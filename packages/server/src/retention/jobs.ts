import { forEachBusiness, forEachWithRetention } from '../access/businesses/for-each-business.ts';
import type { RoomJobs } from '../kernel/jobs/room-jobs.ts';
import { erasePerson } from './erasure/erase-person.ts';
import type { ErasureContext } from './erasure/erasure-context.ts';
import { addRunningErasures, ERASE_PERSON, type NamedErasure } from './erasure/erasure-store.ts';
import { PREVIEW_KEPT_MILLISECONDS, previewErasure } from './erasure/preview-erasure.ts';
import {
  addRunningPreviews,
  expirePreviews,
  type NamedPreview,
  PREVIEW_ERASURE,
} from './erasure/preview-store.ts';
import { planHeld, purgeOfBusiness } from './purge-business.ts';
import type { RetentionContext } from './purge-expired.ts';
import { addJobOf, type OfBusiness, PLAN_HELD, PURGE } from './store.ts';

/** Bounds the growing pauses before the worker retries a failed job. */
const RETRY_ERASURE_MILLISECONDS = 30 * 60_000;

export const retentionJobs = (ctx: ErasureContext & RetentionContext): RoomJobs => ({
  minute: {
    'add-purges': forEachWithRetention(ctx, (scope) => addJobOf(ctx.db, scope, PURGE)),
    'go-on-erasing': forEachBusiness(ctx, (scope) =>
      addRunningErasures(ctx.db, scope, ctx.clock.now() - RETRY_ERASURE_MILLISECONDS),
    ),
    'go-on-previewing': forEachBusiness(ctx, (scope) => addRunningPreviews(ctx.db, scope)),
    'expire-erasure-previews': forEachBusiness(ctx, (scope) =>
      expirePreviews(ctx.db, scope, ctx.clock.now() - PREVIEW_KEPT_MILLISECONDS),
    ),
  },
  named: {
    [PURGE]: (payload) => purgeOfBusiness(ctx, payload as OfBusiness),
    [ERASE_PERSON]: (payload) => erasePerson(ctx, payload as NamedErasure),
    [PREVIEW_ERASURE]: (payload) => previewErasure(ctx, payload as NamedPreview),
    [PLAN_HELD]: (payload) => planHeld(ctx, payload as OfBusiness),
  },
});
