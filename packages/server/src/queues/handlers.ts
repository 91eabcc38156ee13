import type { Handlers } from '../access/handler.ts';
import type { Context } from '../base/context.ts';
import { Fault } from '../base/fault.ts';
import { formatInstant } from '../base/instant.ts';
import { findOutboundCall } from './store.ts';

export function queueHandlers(ctx: Pick<Context, 'db'>): Handlers<'GetOutboundQueue'> {
  return {
    async GetOutboundQueue({ scope, params }) {
      const call = await findOutboundCall(ctx.db, scope, params.queueId);
      if (!call)
        throw new Fault('NOT_FOUND', 'There is no such call in the queue of this business.');
      const time = (instant: number | null) => (instant === null ? null : formatInstant(instant));
      return {
        data: {
          QueueId: call.id,
          Status: call.status,
          EnqueuedAt: time(call.enqueuedAt),
          ProcessingStartedAt: time(call.processingStartedAt),
          CompletedAt: time(call.completedAt),
          DynamicVariables: call.dynamicVariables,
          Metadata: call.metadata,
          CampaignId: call.campaignId,
          NumberId: call.numberId,
          RecipientNumber: call.recipientNumber,
          SessionId: call.sessionId,
          SessionStatus: call.sessionStatus,
          SessionEndType: call.sessionEndType,
        },
      };
    },
  };
}
