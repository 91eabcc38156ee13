import { forEachFound, forEachWithRetention } from '../access/businesses/for-each-business.ts';
import type { NamedJobs } from '../kernel/jobs/jobs.ts';
import type { RoomJobs } from '../kernel/jobs/room-jobs.ts';
import { erasePerson } from './erasure/erase-person.ts';
import type { ErasureContext } from './erasure/erasure-context.ts';
import {
  addRunningErasures,
  ERASE_PERSON,
  type NamedErasure,
  WITH_RUNNING,
} from './erasure/erasure-store.ts';
import { PREVIEW_KEPT_MILLISECONDS, previewErasure } from './erasure/preview-erasure.ts';
import {
  addRunningPreviews,
  expirePreviews,
  type NamedPreview,
  PREVIEW_ERASURE,
  WITH_OLD_PREVIEWS,
  WITH_RUNNING_PREVIEWS,
} from './erasure/preview-store.ts';
import { planHeld, purgeOfBusiness } from './purge-business.ts';
import type { RetentionContext } from './purge-expired.ts';
import { addJobOf, type OfBusiness, PLAN_HELD, PURGE } from './store.ts';

/** Bounds the growing pauses before the worker retries a failed job. */
const RETRY_ERASURE_MILLISECONDS = 30 * 60_000;

export function retentionJobs(ctx: ErasureContext & RetentionContext): RoomJobs {
  const retryBefore = () => ctx.clock.now() - RETRY_ERASURE_MILLISECONDS;
  const keptAfter = () => ctx.clock.now() - PREVIEW_KEPT_MILLISECONDS;
  const minute = {
    'add-purges': forEachWithRetention(ctx, (scope) => addJobOf(ctx.db, scope, PURGE)),
    'go-on-erasing': forEachFound(
      ctx,
      WITH_RUNNING,
      (scope) => addRunningErasures(ctx.db, scope, retryBefore()),
      retryBefore,
    ),
    'go-on-previewing': forEachFound(ctx, WITH_RUNNING_PREVIEWS, (scope) =>
      addRunningPreviews(ctx.db, scope),
    ),
    'expire-erasure-previews': forEachFound(
      ctx,
      WITH_OLD_PREVIEWS,
      (scope) => expirePreviews(ctx.db, scope, keptAfter()),
      keptAfter,
    ),
  };
  const named: NamedJobs = {
    [PURGE]: (payload) => purgeOfBusiness(ctx, payload as OfBusiness),
    [ERASE_PERSON]: (payload) => erasePerson(ctx, payload as NamedErasure),
    [PREVIEW_ERASURE]: (payload) => previewErasure(ctx, payload as NamedPreview),
    [PLAN_HELD]: (payload) => planHeld(ctx, payload as OfBusiness),
  };
  return { minute, named };
}
