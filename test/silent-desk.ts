import { endAllSilent } from '../packages/server/src/queues/lapse.ts';
import type { House } from './house.ts';
import { queueDesk } from './queue-desk.ts';
import { until } from './server-process.ts';

/** A queue desk for calls of campaign `c` whose worker and conversation fall silent. */
export function silentDesk(where: () => { house: House; businessId: number }) {
  const desk = queueDesk(where);
  const admin = () => where().house.admin;
  const here = () => ({ businessId: where().businessId });

  const campaign = (more: object = {}) =>
    admin().putCampaign({ ...here(), campaignId: 'c', MaxConcurrent: 1, ...more } as never);
  /** Ends the calls that are silent now. */
  const endSilent = () => endAllSilent(where().house.app.ctx);
  /** A call that is leased for 10 s and whose conversation has begun. */
  async function underWay(sessionId: string, more: object = {}) {
    const queueId = await desk.initiate({ CampaignId: 'c', ...more });
    const { LeaseToken } = await desk.leaseOne({ LeaseSeconds: 10 });
    await desk.append(sessionId, desk.started(queueId));
    await until(async () => (await desk.read(queueId)).SessionId === sessionId);
    return { queueId, LeaseToken };
  }
  return {
    ...desk,
    campaign,
    endSilent,
    underWay,
    /** A call of conversation `s1` whose attempt was ended for silence, 5 s ago. */
    async abandoned(more: object = {}, sessionId = 's1') {
      await campaign({ AbandonAfterSeconds: 30 });
      const call = await underWay(sessionId, more);
      where().house.clock.advance(30);
      await endSilent();
      const { Status, LastReason } = await desk.read(call.queueId);
      if (Status !== 'Failed' || LastReason !== 'MidSessionFailure') {
        throw new Error(`the call was not abandoned: ${Status} ${LastReason}`);
      }
      where().house.clock.advance(5);
      return call;
    },
    conversation: (sessionId: string) => admin().getConversation({ ...here(), sessionId }),
    cancel: (queueId: string, more: object = {}) =>
      admin().cancelOutboundQueue({ ...here(), queueId, ...more }),
    heartbeat: (queueId: string, LeaseToken: string, LeaseSeconds = 60) =>
      admin().heartbeatOutboundCall({ ...here(), queueId, LeaseToken, LeaseSeconds }),
  };
}
