import type { Scope } from '../access/authorization/scope.ts';
import { forEachFound } from '../access/businesses/for-each-business.ts';
import type { Context } from '../context.ts';
import type { RoomJobs } from '../kernel/jobs/room-jobs.ts';
import { removeOldChanges, WITH_OLD_CHANGES } from './log-store.ts';

const BATCH_SIZE = 5_000;

export function changeJobs(ctx: Pick<Context, 'db' | 'clock' | 'config' | 'log'>): RoomJobs {
  const before = () => ctx.clock.now() - ctx.config.changeLogSeconds * 1000;
  const removeOld = async (scope: Scope) => {
    const remove = () =>
      ctx.db.transaction((tx) => removeOldChanges(tx, scope, before(), BATCH_SIZE));
    while ((await remove()) === BATCH_SIZE);
  };
  return {
    minute: { 'remove-old-changes': forEachFound(ctx, WITH_OLD_CHANGES, removeOld, before) },
  };
}
