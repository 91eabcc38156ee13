import { callHandlers } from './calls/handlers.ts';
import { campaignHandlers } from './campaigns/handlers.ts';
import { enqueueHandlers } from './enqueue/handlers.ts';
import { leaseHandlers } from './lease/handlers.ts';
import { doNotCallHandlers } from './lists/do-not-call-handlers.ts';
import { listHandlers } from './lists/handlers.ts';
import type { QueueHandlerContext } from './queue-context.ts';

export const queueHandlers = (ctx: QueueHandlerContext) => ({
  ...listHandlers(ctx),
  ...doNotCallHandlers(ctx),
  ...callHandlers(ctx),
  ...enqueueHandlers(ctx),
  ...leaseHandlers(ctx),
  ...campaignHandlers(ctx),
});
