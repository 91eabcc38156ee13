import type { Handlers } from '../../access/authorization/call.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import { maskingOf } from '../../conversations/masking/masked.ts';
import { reportFromWire, scheduleFromWire } from '../from-wire.ts';
import type { QueueHandlerContext } from '../queue-context.ts';
import { callToWire, historyToWire, listedToWire } from '../to-wire.ts';
import type { Direction, OutboundCall } from './call.ts';
import { cancelCall, rescheduleCall } from './change.ts';
import { readHistory, requireCall } from './history.ts';
import { concealDeferral, maskEntry, maskHistory, noteCalls } from './masked.ts';
import { type Report, reportCall } from './report.ts';

type Names =
  | 'GetOutboundQueue'
  | 'GetOutboundQueueHistory'
  | 'GetInboundQueue'
  | 'GetInboundQueueHistory'
  | 'CancelOutboundQueue'
  | 'RescheduleOutboundQueue'
  | 'HeartbeatOutboundCall'
  | 'CompleteOutboundCall'
  | 'FailOutboundCall'
  | 'HeartbeatInboundCall'
  | 'CompleteInboundCall'
  | 'FailInboundCall';

interface ReportCall {
  readonly scope: Scope;
  readonly params: { readonly queueId: string };
  readonly body: { readonly LeaseToken: string };
}

export function callHandlers(ctx: QueueHandlerContext): Handlers<Names> {
  const show = (scope: Scope, call: OutboundCall) => ({
    data: maskEntry(callToWire('outbound', call), maskingOf(ctx.secrets, scope)),
  });
  const report =
    <D extends Direction>(direction: D, kind: Report['kind']) =>
    async ({ scope, params, body }: ReportCall) => {
      const { LeaseToken: token, ...keys } = body;
      const reported = { id: params.queueId, token, report: reportFromWire(kind, keys) };
      return { data: callToWire(direction, await reportCall(ctx, scope, direction, reported)) };
    };
  return {
    GetOutboundQueue: ({ scope, params }) => getCall(ctx, scope, 'outbound', params.queueId),
    GetOutboundQueueHistory: ({ scope, params }) =>
      getHistory(ctx, scope, 'outbound', params.queueId),
    GetInboundQueue: ({ scope, params }) => getCall(ctx, scope, 'inbound', params.queueId),
    GetInboundQueueHistory: ({ scope, params }) =>
      getHistory(ctx, scope, 'inbound', params.queueId),
    async CancelOutboundQueue({ scope, params, body }) {
      const request = { reason: body.Reason ?? null, isForced: body.Force ?? false };
      return show(scope, await cancelCall(ctx, scope, params.queueId, request));
    },
    async RescheduleOutboundQueue({ scope, params, body }) {
      const schedule = scheduleFromWire(body.Schedule);
      return show(scope, await rescheduleCall(ctx, scope, params.queueId, schedule));
    },
    HeartbeatOutboundCall: report('outbound', 'heartbeat'),
    CompleteOutboundCall: report('outbound', 'complete'),
    FailOutboundCall: report('outbound', 'fail'),
    HeartbeatInboundCall: report('inbound', 'heartbeat'),
    CompleteInboundCall: report('inbound', 'complete'),
    FailInboundCall: report('inbound', 'fail'),
  };
}

async function getCall<D extends Direction>(
  ctx: QueueHandlerContext,
  scope: Scope,
  direction: D,
  id: string,
) {
  const call = await requireCall(ctx, scope, direction, id);
  const operation = direction === 'outbound' ? 'GetOutboundQueue' : 'GetInboundQueue';
  await noteCalls(ctx, scope, operation, [call]);
  const masking = maskingOf(ctx.secrets, scope);
  const entry = listedToWire(direction, concealDeferral(call, masking), ctx.clock.now());
  return { data: maskEntry(entry, masking) };
}

async function getHistory(
  ctx: QueueHandlerContext,
  scope: Scope,
  direction: Direction,
  id: string,
) {
  const { call, entries } = await readHistory(ctx, scope, direction, id);
  const isOutbound = call.direction === 'outbound';
  const operation = isOutbound ? 'GetOutboundQueueHistory' : 'GetInboundQueueHistory';
  await noteCalls(ctx, scope, operation, [call]);
  const masking = maskingOf(ctx.secrets, scope);
  const data = historyToWire(entries);
  if (!masking) return { data };
  const numbers = isOutbound
    ? [call.recipientNumber]
    : [call.callerNumber, ...(call.callerE164 === null ? [] : [call.callerE164])];
  return { data: maskHistory(data, numbers, masking) };
}
