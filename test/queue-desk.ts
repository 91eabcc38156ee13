import type { ConversationEvent } from '@colloquy/wire';
import type { House } from './house.ts';
import { until } from './server-process.ts';

type Initiate = Parameters<House['admin']['initiateCall']>[0];
let numbers = 0;

/** Each time another number. */
export function nextNumber(): string {
  numbers += 1;
  return `+4930${100_000 + numbers}`;
}

export const NumberId = 'number_1';

/** Where calls are enqueued and worked in a few words, in the house and business of the moment. */
export function queueDesk(where: () => { house: House; businessId: number }) {
  const at = (seconds = 0) =>
    new Date(where().house.clock.now() + seconds * 1000).toISOString().replace('.000Z', 'Z');
  const admin = () => where().house.admin;
  const here = () => ({ businessId: where().businessId });
  const read = (queueId: string) => admin().getOutboundQueue({ ...here(), queueId });
  const history = async (queueId: string) =>
    (await admin().getOutboundQueueHistory({ ...here(), queueId })).Entries;
  const lease = async (more: object = {}) => {
    const request = { ...here(), WorkerId: 'w', Max: 1, LeaseSeconds: 60, ...more };
    return (await admin().leaseOutboundCalls(request)).Calls;
  };
  return {
    at,
    lease,
    read,
    history,
    /** The id of a new call. */
    async initiate(body: object = {}): Promise<string> {
      const call = { ...here(), NumberId, RecipientNumber: nextNumber(), ...body } as Initiate;
      return (await admin().initiateCall(call)).QueueIds[0] ?? '';
    },
    leasedIds: async (more: object = {}) => (await lease(more)).map(({ QueueId }) => QueueId),
    async leaseOne(more: object = {}) {
      const [call] = await lease(more);
      if (!call) throw new Error('nothing was due');
      return call;
    },
    /** In the short form `HeldBack NO_SLOT`. */
    async decisions(queueId: string): Promise<string[]> {
      return (await history(queueId)).map(({ Decision, Reason }) =>
        Reason === null ? Decision : `${Decision} ${Reason}`,
      );
    },
    becomes: (queueId: string, Status: string) =>
      until(async () => (await read(queueId)).Status === Status),
    complete: (queueId: string, LeaseToken: string, more: object = {}) =>
      admin().completeOutboundCall({ ...here(), queueId, LeaseToken, ...more }),
    fail: (queueId: string, LeaseToken: string, EndType = 'UserNoAnswer', more: object = {}) =>
      admin().failOutboundCall({ ...here(), queueId, LeaseToken, EndType, ...more } as never),
    append: (sessionId: string, ...Events: ConversationEvent[]) =>
      admin().appendConversationEvents({ ...here(), sessionId, Events }),
    /** A conversation of a minute, written whole, that names a call. */
    putWhole: (sessionId: string, QueueId: string) =>
      admin().putConversation({
        ...here(),
        sessionId,
        QueueId,
        Status: 'Completed',
        StartTime: at(),
        EndTime: at(60),
        EndType: 'Normal',
        InitiationType: 'Outbound',
      }),
    started: (QueueId: string): ConversationEvent => ({
      EventId: 'start',
      Type: 'SessionStarted',
      Timestamp: at(),
      InitiationType: 'Outbound',
      QueueId,
    }),
    ended: (EndType = 'Normal', more: object = {}) =>
      ({
        EventId: 'end',
        Type: 'SessionEnded',
        Timestamp: at(),
        EndType,
        ...more,
      }) as ConversationEvent,
  };
}

/** The counters of every business against the rows themselves, by hour, clock and key. */
export async function wrongCounts({ sql }: Pick<House, 'sql'>): Promise<unknown[]> {
  const found = [];
  for (const [direction, group, provider] of [
    ['outbound', 'campaign_id', 'number_provider'],
    ['inbound', 'route_id', 'provider'],
  ]) {
    const keys = `clock, ${group}, status, number_id, ${provider}`;
    const { rows } = await sql.query(
      `SELECT business_id, hour, ${keys}, sum(n) AS n FROM (
         SELECT business_id, bucket AS hour, ${keys}, n FROM ${direction}_counts WHERE grain = 'hour'
         UNION ALL SELECT business_id, hour, ${keys}, n FROM ${direction}_count_deltas
         UNION ALL SELECT business_id, date_trunc('hour', k.at, 'UTC'), k.clock, coalesce(${group}, ''),
           status, coalesce(number_id, ''), coalesce(${provider}, ''), -1
         FROM ${direction}_calls CROSS JOIN LATERAL (VALUES
           ('enqueued', enqueued_at), ('completed', completed_at), ('scheduled', scheduled_for)
         ) AS k(clock, at) WHERE k.at IS NOT NULL
       ) AS both_ways GROUP BY business_id, hour, ${keys} HAVING sum(n) <> 0`,
    );
    found.push(...rows);
  }
  return found;
}
