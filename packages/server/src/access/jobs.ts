import type { Context } from '../context.ts';
import type { RoomJobs } from '../kernel/jobs/room-jobs.ts';
import { sweepSignIns } from './sign-in/account-store.ts';

const KEEP_SIGN_INS_MILLISECONDS = 24 * 3_600_000;

export const accessJobs = (ctx: Pick<Context, 'db' | 'clock'>): RoomJobs => ({
  minute: {
    'sweep-sign-ins': () => sweepSignIns(ctx.db, ctx.clock.now() - KEEP_SIGN_INS_MILLISECONDS),
  },
});
