import { systemScope } from '../access/authorization/scope.ts';
import type { Context } from '../context.ts';
import type { RoomJobs } from '../kernel/jobs/room-jobs.ts';
import { sweepOrphans } from './storage/orphans.ts';
import { businessesToSweep, sweepUnclaimedBlobs } from './storage/sweep.ts';

export const recordingJobs = (ctx: Context): RoomJobs => ({
  minute: {
    async 'sweep-recordings'() {
      for (const businessId of await businessesToSweep(ctx)) {
        await sweepUnclaimedBlobs(ctx, systemScope(businessId));
      }
    },
    async 'sweep-orphans'() {
      await sweepOrphans(ctx);
    },
  },
});
