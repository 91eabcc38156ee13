import { hash } from 'node:crypto';
import { MAX_SIMULATED, type OpName } from '@colloquy/wire';
import type { Call, Handlers } from '../access/authorization/call.ts';
import { isMasked, type Scope } from '../access/authorization/scope.ts';
import type { Context } from '../context.ts';
import { auditRead, maskingOf, refuseGuess } from '../conversations/masking/masked.ts';
import type { LiveCache } from '../conversations/write/live-cache.ts';
import type { Counting } from '../counters/counts.ts';
import { Fault } from '../kernel/fault.ts';
import { formatInstant } from '../kernel/instant.ts';
import { type Position, pageEnd, readAscending, readPage } from '../kernel/page.ts';
import type { Notifier } from '../kernel/postgres/notifier.ts';
import { type Masking, maskText } from '../redaction/mask.ts';
import type { Direction, OutboundCall } from './calls/call.ts';
import { cancelCall, rescheduleCall } from './calls/change.ts';
import { readHistory, requireCall } from './calls/history.ts';
import { concealHold, MASKED_NUMBER, maskEntry, maskHistory } from './calls/masked.ts';
import { type Report, reportCall } from './calls/report.ts';
import { countByStatus, findCampaigns, listCampaigns } from './campaigns/campaign-store.ts';
import { getCampaign, replaceCampaign } from './campaigns/campaigns.ts';
import { simulate } from './campaigns/simulate.ts';
import { enqueueCalls } from './enqueue/enqueue.ts';
import { joinRecipients } from './enqueue/large-bodies.ts';
import { readNumberRows } from './enqueue/number-rows.ts';
import { receiveCall } from './enqueue/receive.ts';
import { readRecipientRows } from './enqueue/recipient-rows.ts';
import {
  campaignFromWire,
  countryFromWire,
  inboundFilterFromWire,
  initiateFromQuery,
  initiateFromWire,
  numberFromWire,
  numberStartFromWire,
  outboundFilterFromWire,
  recipientsFromWire,
  reportFromWire,
  rowDefaults,
  scheduleFromWire,
} from './from-wire.ts';
import { leaseCalls } from './lease/lease.ts';
import { allowNumber, forbidNumbers } from './lists/do-not-call.ts';
import { listDoNotCall } from './lists/do-not-call-store.ts';
import { countCalls, type Filter, findPage, type ListedCall } from './lists/list-store.ts';
import {
  callToWire,
  campaignToWire,
  enqueuedToWire,
  forbiddenToWire,
  historyToWire,
  leasedToWire,
  listedCampaignToWire,
  listedToWire,
  simulationToJson,
} from './to-wire.ts';

type Names =
  | 'GetOutboundQueues'
  | 'CountOutboundQueues'
  | 'GetOutboundQueue'
  | 'GetOutboundQueueHistory'
  | 'GetInboundQueues'
  | 'CountInboundQueues'
  | 'GetInboundQueue'
  | 'GetInboundQueueHistory'
  | 'InitiateCall'
  | 'CancelOutboundQueue'
  | 'RescheduleOutboundQueue'
  | 'SimulateOutboundQueue'
  | 'GetCampaigns'
  | 'GetCampaign'
  | 'PutCampaign'
  | 'GetDoNotCall'
  | 'AddDoNotCall'
  | 'RemoveDoNotCall'
  | 'LeaseOutboundCalls'
  | 'HeartbeatOutboundCall'
  | 'CompleteOutboundCall'
  | 'FailOutboundCall'
  | 'ReceiveCall'
  | 'LeaseInboundCalls'
  | 'HeartbeatInboundCall'
  | 'CompleteInboundCall'
  | 'FailInboundCall';

type CallKey = Pick<ListedCall<Direction>, 'enqueuedAt' | 'id'>;

/** Numbers of persons are always masked in queues, whichever categories the business masks. */
function refuseNumbers(masking: Masking | null, { numbers }: Filter): void {
  if (numbers) refuseGuess(masking, 'The phone number of a call');
}

interface ListBody {
  readonly Limit?: number | null;
  readonly NextCursor?: string | null;
  readonly PreviousCursor?: string | null;
}

export function queueHandlers(
  ctx: Context & {
    readonly counting: Counting;
    readonly live: LiveCache;
    readonly notifier: Notifier;
  },
): Handlers<Names> {
  async function list<D extends Direction>(
    scope: Scope,
    direction: D,
    body: ListBody,
    filter: Filter | null,
  ) {
    const limit = body.Limit ?? 10;
    const now = ctx.clock.now();
    const masking = maskingOf(ctx.secrets, scope);
    // Also a filter that a cursor carries, which a key with other permissions may have made.
    const find = (found: Filter, position: Position<CallKey>) => {
      refuseNumbers(masking, found);
      return findPage(ctx.db, scope, direction, found, now, position);
    };
    if (filter) refuseNumbers(masking, filter);
    const page = await readPage(
      ctx.secrets,
      {
        audience: `${direction} calls ${scope.businessId}`,
        keyOf: ({ enqueuedAt, id }: ListedCall<D>) => ({ enqueuedAt, id }),
        find,
      },
      {
        limit,
        filter,
        nextCursor: body.NextCursor ?? null,
        previousCursor: body.PreviousCursor ?? null,
      },
    );
    const operation = direction === 'outbound' ? 'GetOutboundQueues' : 'GetInboundQueues';
    await note(scope, operation, page.rows);
    const Items = page.rows.map((call) =>
      maskEntry(listedToWire(direction, concealHold(call, masking), now), masking),
    );
    return { data: { Items, ...pageEnd(page, limit) } };
  }
  async function one<D extends Direction>(scope: Scope, direction: D, id: string) {
    const call = await requireCall(ctx, scope, direction, id);
    await note(scope, direction === 'outbound' ? 'GetOutboundQueue' : 'GetInboundQueue', [call]);
    const masking = maskingOf(ctx.secrets, scope);
    const entry = listedToWire(direction, concealHold(call, masking), ctx.clock.now());
    return { data: maskEntry(entry, masking) };
  }
  async function history(scope: Scope, direction: Direction, id: string) {
    const { call, entries } = await readHistory(ctx, scope, direction, id);
    const isOutbound = call.direction === 'outbound';
    const operation = isOutbound ? 'GetOutboundQueueHistory' : 'GetInboundQueueHistory';
    await note(scope, operation, [call]);
    const masking = maskingOf(ctx.secrets, scope);
    const data = historyToWire(entries);
    if (!masking) return { data };
    const numbers = isOutbound
      ? [call.recipientNumber]
      : [call.callerNumber, ...(call.callerE164 === null ? [] : [call.callerE164])];
    return { data: maskHistory(data, numbers, masking) };
  }
  const shown = (scope: Scope, call: OutboundCall) =>
    maskEntry(callToWire('outbound', call), maskingOf(ctx.secrets, scope));
  /** Entries of the queue have numbers, and what is to be said. */
  const note = (scope: Scope, operation: OpName, calls: readonly { readonly id: string }[]) =>
    auditRead(ctx, scope, { operation, kind: 'QueueEntry', ids: calls.map(({ id }) => id) });

  async function lease<D extends Direction>(
    direction: D,
    call: Call<'LeaseOutboundCalls' | 'LeaseInboundCalls'>,
  ) {
    const { body, signal } = call;
    const { WorkerId: workerId, Max: max, LeaseSeconds: leaseSeconds } = body;
    const request = { workerId, max, leaseSeconds };
    const waiting = { seconds: body.WaitSeconds ?? 0, signal };
    const { calls, scope } = await leaseCalls(ctx, call, direction, request, waiting);
    await note(scope, direction === 'outbound' ? 'LeaseOutboundCalls' : 'LeaseInboundCalls', calls);
    return { data: { Calls: calls.map((one) => leasedToWire(direction, one)) } };
  }
  async function report<D extends Direction>(
    scope: Scope,
    direction: D,
    id: string,
    { LeaseToken: token, ...rest }: { readonly LeaseToken: string },
    kind: Report['kind'],
  ) {
    const reported = { id, token, report: reportFromWire(kind, rest) };
    return { data: callToWire(direction, await reportCall(ctx, scope, direction, reported)) };
  }

  /** A masked reader who writes back the name that it was shown does not change it. */
  async function nameToKeep(scope: Scope, campaignId: string, name: string): Promise<string> {
    const masking = maskingOf(ctx.secrets, scope);
    if (!masking) return name;
    const stored = (await findCampaigns(ctx.db, scope, [campaignId])).get(campaignId);
    return stored && maskText(stored.name, masking) === name ? stored.name : name;
  }

  async function count(scope: Scope, direction: Direction, filter: Filter) {
    refuseNumbers(maskingOf(ctx.secrets, scope), filter);
    return { data: await countCalls(ctx.db, scope, direction, filter, ctx.clock.now()) };
  }

  return {
    async GetOutboundQueues({ scope, body }) {
      const filter = body.Filter == null ? null : outboundFilterFromWire(body.Filter);
      return list(scope, 'outbound', body, filter);
    },
    async CountOutboundQueues({ scope, body }) {
      return count(scope, 'outbound', outboundFilterFromWire(body));
    },
    async GetOutboundQueue({ scope, params }) {
      return one(scope, 'outbound', params.queueId);
    },
    async GetOutboundQueueHistory({ scope, params }) {
      return history(scope, 'outbound', params.queueId);
    },
    async GetInboundQueues({ scope, body }) {
      const filter = body.Filter == null ? null : inboundFilterFromWire(body.Filter);
      return list(scope, 'inbound', body, filter);
    },
    async CountInboundQueues({ scope, body }) {
      return count(scope, 'inbound', inboundFilterFromWire(body));
    },
    async GetInboundQueue({ scope, params }) {
      return one(scope, 'inbound', params.queueId);
    },
    async GetInboundQueueHistory({ scope, params }) {
      return history(scope, 'inbound', params.queueId);
    },

    async InitiateCall({ scope, body, largeParts, csv, idempotencyKey }) {
      const { request, requestHash } = csv
        ? await requestOfRows(csv)
        : requestOfBody(body, largeParts);
      const idempotency = idempotencyKey !== null && {
        // Of its own for each masked reader, whom the answer to another one's request would tell of it.
        key: isMasked(scope) ? `${scope.userId} ${idempotencyKey}` : idempotencyKey,
        requestHash,
      };
      const enqueued = await enqueueCalls(ctx, scope, {
        ...request,
        idempotency: idempotency || null,
      });
      return { data: enqueuedToWire(enqueued) };
    },
    async CancelOutboundQueue({ scope, params, body }) {
      const call = await cancelCall(ctx, scope, params.queueId, {
        reason: body.Reason ?? null,
        isForced: body.Force ?? false,
      });
      return { data: shown(scope, call) };
    },
    async RescheduleOutboundQueue({ scope, params, body }) {
      const schedule = scheduleFromWire(body.Schedule);
      const call = await rescheduleCall(ctx, scope, params.queueId, schedule);
      return { data: shown(scope, call) };
    },

    async SimulateOutboundQueue({ scope, body }) {
      const simulation = await simulate(ctx, scope, {
        hours: body.Hours ?? 24,
        campaignIds: body.CampaignIds?.length ? body.CampaignIds : null,
        callSeconds: body.CallSeconds ?? 120,
      });
      const ids = [String(scope.businessId)];
      await auditRead(ctx, scope, { operation: 'SimulateOutboundQueue', kind: 'Business', ids });
      const maxCalls = body.MaxCalls ?? MAX_SIMULATED;
      const masking = maskingOf(ctx.secrets, scope);
      const numberOf = ({ recipientNumber }: OutboundCall) =>
        masking ? MASKED_NUMBER : recipientNumber;
      const json = await simulationToJson(simulation, maxCalls, numberOf);
      // Ids that hold numbers are masked in `data`.
      return masking ? { data: JSON.parse(json) } : { uncheckedJson: json };
    },
    async GetCampaigns({ scope, query }) {
      const { businessId } = scope;
      return readAscending(ctx, `campaigns ${businessId}`, query, {
        first: '',
        async read(after, limit) {
          const campaigns = await listCampaigns(ctx.db, scope, after, limit);
          const ids = campaigns.map(({ id }) => id);
          const counts = await countByStatus(ctx.db, scope, ids);
          return campaigns.map((campaign) => ({ campaign, counts: counts.get(campaign.id) }));
        },
        keyOf: ({ campaign }) => campaign.id,
        toWire: ({ campaign, counts }) => listedCampaignToWire(campaign, counts),
      });
    },
    async GetCampaign({ scope, params }) {
      return { data: campaignToWire(await getCampaign(ctx, scope, params.campaignId)) };
    },
    async PutCampaign({ scope, params, body }) {
      const named = campaignFromWire(params.campaignId, body);
      const settings = { ...named, name: await nameToKeep(scope, params.campaignId, named.name) };
      const { campaign, created } = await replaceCampaign(ctx, scope, settings);
      return { status: created ? 201 : 200, data: campaignToWire(campaign) };
    },

    async GetDoNotCall({ scope, query }) {
      if (maskingOf(ctx.secrets, scope)) {
        throw new Fault(
          'PERMISSION_DENIED',
          'This is a list of phone numbers alone, and they are masked for this key; it takes Conversations.Unredacted.',
        );
      }
      const start = numberStartFromWire(query.StartsWith);
      return readAscending(ctx, `do-not-call ${scope.businessId} ${start}`, query, {
        first: '',
        async read(after, limit) {
          const found = await listDoNotCall(ctx.db, scope, after, start, limit);
          const ids = found.map(({ number }) => number);
          await auditRead(ctx, scope, { operation: 'GetDoNotCall', kind: 'PhoneNumber', ids });
          return found;
        },
        keyOf: ({ number }) => number,
        toWire: ({ number, addedAt }) => ({ Number: number, AddedAt: formatInstant(addedAt) }),
      });
    },
    async AddDoNotCall({ scope, body, csv }) {
      const country = countryFromWire((csv?.query ?? body).DefaultCountry);
      const numbers = csv
        ? await readNumberRows(csv, country)
        : body.Numbers.map((text, index) => ({ text, index }));
      return { data: forbiddenToWire(await forbidNumbers(ctx, scope, numbers, country)) };
    },
    async RemoveDoNotCall({ scope, params }) {
      const number = numberFromWire('number', params.number);
      await allowNumber(ctx, scope, number);
      return { data: { Number: number } };
    },

    LeaseOutboundCalls: (call) => lease('outbound', call),
    HeartbeatOutboundCall: ({ scope, params, body }) =>
      report(scope, 'outbound', params.queueId, body, 'heartbeat'),
    CompleteOutboundCall: ({ scope, params, body }) =>
      report(scope, 'outbound', params.queueId, body, 'complete'),
    FailOutboundCall: ({ scope, params, body }) =>
      report(scope, 'outbound', params.queueId, body, 'fail'),
    async ReceiveCall({ scope, body }) {
      const { id, created } = await receiveCall(ctx, scope, {
        numberId: body.NumberId,
        routeId: body.RouteId ?? null,
        callerNumber: body.CallerNumber,
        provider: body.Provider,
        providerCallId: body.ProviderCallId,
      });
      return { status: created ? 201 : 200, data: { QueueId: id } };
    },
    LeaseInboundCalls: (call) => lease('inbound', call),
    HeartbeatInboundCall: ({ scope, params, body }) =>
      report(scope, 'inbound', params.queueId, body, 'heartbeat'),
    CompleteInboundCall: ({ scope, params, body }) =>
      report(scope, 'inbound', params.queueId, body, 'complete'),
    FailInboundCall: ({ scope, params, body }) =>
      report(scope, 'inbound', params.queueId, body, 'fail'),
  };
}

/** The parameters of a query have no order. */
const sortedJson = (query: object) => JSON.stringify(Object.entries(query).sort());

async function requestOfRows(csv: NonNullable<Call<'InitiateCall'>['csv']>) {
  const defaults = rowDefaults(csv.query);
  const { recipients, hash } = await readRecipientRows(csv, defaults);
  const requestHash = hash.update(sortedJson(csv.query)).digest();
  return { request: initiateFromQuery(csv.query, recipients), requestHash };
}

function requestOfBody(
  body: Call<'InitiateCall'>['body'],
  largeParts: Call<'InitiateCall'>['largeParts'],
) {
  const recipients = largeParts ? joinRecipients(body, largeParts) : recipientsFromWire(body);
  const requestHash = largeParts?.requestHash ?? hash('sha256', JSON.stringify(body));
  return {
    request: initiateFromWire(body, recipients),
    requestHash: Buffer.from(requestHash, 'hex'),
  };
}
