import { formatInstant } from '../base/instant.ts';
import type { Call, DecisionRow, Direction, InboundCall, OutboundCall } from './call.ts';
import type { ListedCall } from './list-store.ts';

const timeOf = (instant: number | null) => (instant === null ? null : formatInstant(instant));

const startOf = (call: Call) => ({
  QueueId: call.id,
  Status: call.status,
  EnqueuedAt: formatInstant(call.enqueuedAt),
  ProcessingStartedAt: timeOf(call.processingStartedAt),
  CompletedAt: timeOf(call.completedAt),
});
const sessionOf = (call: Call) => ({
  SessionId: call.sessionId,
  SessionStatus: call.sessionStatus,
  SessionEndType: call.sessionEndType,
});
const workOf = (call: Call, lastReason: string | null) => ({
  Attempts: call.attempts,
  NextAttemptAt: timeOf(call.nextAttemptAt),
  ScheduledFor: timeOf(call.scheduledFor),
  ExpiresAt: timeOf(call.expiresAt),
  Priority: call.priority,
  LastReason: lastReason,
});

function outboundToWire(call: OutboundCall, lastReason: string | null) {
  return {
    ...startOf(call),
    DynamicVariables: JSON.parse(call.dynamicVariables) as unknown,
    Metadata: JSON.parse(call.metadata) as unknown,
    CampaignId: call.campaignId,
    NumberId: call.numberId,
    RecipientNumber: call.recipientNumber,
    ...sessionOf(call),
    ...workOf(call, lastReason),
  };
}

function inboundToWire(call: InboundCall, lastReason: string | null) {
  return {
    ...startOf(call),
    NumberId: call.numberId,
    RouteId: call.routeId,
    CallerNumber: call.callerNumber,
    ...sessionOf(call),
    ...workOf(call, lastReason),
  };
}

/** A call as an entry of the API. */
export function callToWire(call: Call, lastReason = call.lastReason) {
  return call.direction === 'outbound'
    ? outboundToWire(call, lastReason)
    : inboundToWire(call, lastReason);
}

/** The same; of one that is due and waits, it says what holds its whole campaign now. */
export function listedToWire(call: ListedCall<Direction>, now: number) {
  const isDue =
    call.status === 'Queued' && call.nextAttemptAt !== null && call.nextAttemptAt <= now;
  return callToWire(call, (isDue ? call.campaignHold : null) ?? call.lastReason);
}

export function historyToWire(
  entries: readonly Pick<DecisionRow, 'at' | 'decision' | 'reason' | 'details'>[],
) {
  return {
    Entries: entries.map(({ at, decision, reason, details }) => ({
      At: formatInstant(at),
      Decision: decision,
      Reason: reason,
      Details: details,
    })),
  };
}
