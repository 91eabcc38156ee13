import { forEachBusiness } from '../access/businesses/for-each-business.ts';
import type { Context } from '../context.ts';
import type { RoomJobs } from '../kernel/jobs/room-jobs.ts';
import { removeOldChanges } from './log-store.ts';

const BATCH_SIZE = 5_000;

export const changeJobs = (ctx: Pick<Context, 'db' | 'clock' | 'config' | 'log'>): RoomJobs => ({
  minute: {
    'remove-old-changes': forEachBusiness(ctx, async (scope) => {
      const before = ctx.clock.now() - ctx.config.changeLogSeconds * 1000;
      const remove = () =>
        ctx.db.transaction((tx) => removeOldChanges(tx, scope, before, BATCH_SIZE));
      while ((await remove()) === BATCH_SIZE);
    }),
  },
});
