import type { Scope } from '../access/authorization/scope.ts';
import { forEachFound } from '../access/businesses/for-each-business.ts';
import type { RoomJobs } from '../kernel/jobs/room-jobs.ts';
import { type AssemblyContext, assembleBusiness } from './assembly/assemble.ts';
import { hasWork, WITH_DUE } from './assembly/assembly-store.ts';
import { ASSEMBLE, type AssembleBusiness, addAssembly } from './assembly/job-store.ts';
import { forgetDeleted, listDeleted } from './settings/connection-store.ts';
import { removeOld, removeOutside, WITH_REMOVABLE } from './vault/removal-store.ts';

const BATCH_SIZE = 1_000;
/** Of deliveries in no conversation, whose retention would count otherwise. */
const KEPT_MILLISECONDS = 30 * 86_400_000;

export const connectorJobs = (ctx: AssemblyContext): RoomJobs => ({
  minute: {
    'find-deliveries': forEachFound(
      ctx,
      WITH_DUE,
      async (scope) => {
        // On a cluster, all businesses are visited.
        const isFound = await hasWork(ctx.db, scope, ctx.clock.now());
        if (isFound) await addAssembly(ctx.db, scope.businessId);
      },
      () => ctx.clock.now(),
    ),
    'remove-deliveries': forEachFound(
      ctx,
      WITH_REMOVABLE,
      (scope) => removeFound(ctx, scope),
      () => ctx.clock.now() - KEPT_MILLISECONDS,
    ),
  },
  named: {
    [ASSEMBLE]: (payload) => assembleBusiness(ctx, (payload as AssembleBusiness).businessId),
  },
});

async function removeFound({ db, clock }: AssemblyContext, scope: Scope): Promise<void> {
  const before = clock.now() - KEPT_MILLISECONDS;
  while ((await removeOld(db, scope, before, BATCH_SIZE)) === BATCH_SIZE);
  for (const id of await listDeleted(db, scope)) {
    while ((await removeOutside(db, scope, id, BATCH_SIZE)) === BATCH_SIZE);
    await forgetDeleted(db, scope, id);
  }
}
