import type { Scope } from '../access/authorization/scope.ts';
import { forEachFound } from '../access/businesses/for-each-business.ts';
import type { Context } from '../context.ts';
import type { RoomJobs } from '../kernel/jobs/room-jobs.ts';
import type { Tx } from '../kernel/postgres/database.ts';
import { removeDeliveriesOf, removeOldDeliveries, WITH_REMOVABLE } from './delivery-store.ts';
import { forgetDeleted, listDeleted } from './webhook-store.ts';

const BATCH_SIZE = 1_000;

type JobContext = Pick<Context, 'db' | 'clock' | 'config' | 'log'>;

export const webhookJobs = (ctx: JobContext): RoomJobs => ({
  minute: {
    'remove-old-deliveries': forEachFound(
      ctx,
      WITH_REMOVABLE,
      (scope) => removeOld(ctx, scope),
      () => keptSince(ctx),
    ),
  },
});

const keptSince = ({ clock, config }: JobContext) => clock.now() - config.changeLogSeconds * 1000;

/** Also removes the deliveries of deleted webhooks. */
async function removeOld(ctx: JobContext, scope: Scope): Promise<void> {
  const { db } = ctx;
  const removeAll = async (remove: (tx: Tx) => Promise<number>) => {
    while ((await db.transaction(remove)) === BATCH_SIZE);
  };
  const before = keptSince(ctx);
  await removeAll((tx) => removeOldDeliveries(tx, scope, before, BATCH_SIZE));
  for (const id of await listDeleted(db, scope)) {
    await removeAll((tx) => removeDeliveriesOf(tx, scope, id, BATCH_SIZE));
    await forgetDeleted(db, scope, id);
  }
}
