import { Breather } from '../base/breather.ts';
import { formatInstant } from '../base/instant.ts';
import type { Call, Campaign, Direction, InboundCall, OutboundCall } from './call.ts';
import type { Forbidden } from './do-not-call.ts';
import type { Enqueued, Rejected } from './enqueue.ts';
import type { Entry } from './history.ts';
import type { ListedCall } from './list-store.ts';
import type { Simulated, Simulation } from './simulate.ts';

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
    CallerE164: call.callerE164,
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

/** A call that a worker was handed. */
export function leasedToWire(call: Call) {
  return {
    ...callToWire(call),
    LeaseToken: call.leaseToken,
    LeaseExpiresAt: timeOf(call.leaseExpiresAt),
  };
}

/** A call as an entry; of one that is due and waits, it says what holds its whole campaign now. */
export function listedToWire(call: ListedCall<Direction>, now: number) {
  const isDue =
    call.status === 'Queued' && call.nextAttemptAt !== null && call.nextAttemptAt <= now;
  return callToWire(call, (isDue ? call.campaignHold : null) ?? call.lastReason);
}

export function historyToWire(entries: readonly Entry[]) {
  return {
    Entries: entries.map(({ at, decision, reason, details, occupiedBy }) => ({
      At: formatInstant(at),
      Decision: decision,
      Reason: reason,
      Details: details,
      ...(occupiedBy && { OccupiedBy: occupiedBy }),
    })),
  };
}

export function enqueuedToWire({ queueIds, rejected }: Enqueued) {
  return { QueueIds: queueIds, Rejected: rejected.map(rejectedToWire) };
}

export const forbiddenToWire = ({ added, rejected }: Forbidden) => ({
  Added: added,
  Rejected: rejected.map(rejectedToWire),
});

const rejectedToWire = ({ index, line, reason, message }: Rejected) => ({
  Index: index,
  ...(line !== undefined && { Line: line }),
  Reason: reason,
  Message: message,
});

const timeOfDay = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

export function campaignToWire(campaign: Campaign) {
  const { retry } = campaign;
  return {
    CampaignId: campaign.id,
    Name: campaign.name,
    IsPaused: campaign.isPaused,
    MaxConcurrent: campaign.maxConcurrent,
    Windows: campaign.windows.map(({ days, from, to, timeZone }) => ({
      Days: days,
      From: timeOfDay(from),
      To: timeOfDay(to),
      ...(timeZone !== null && { TimeZone: timeZone }),
    })),
    Retry: retry && {
      MaxAttempts: retry.maxAttempts,
      On: retry.on,
      DelaySeconds: retry.delaySeconds,
      Backoff: retry.backoff,
    },
    MaxAttemptsPerNumberPerDay: campaign.maxAttemptsPerNumberPerDay,
    AbandonAfterSeconds: campaign.abandonAfterSeconds,
    CreatedAt: formatInstant(campaign.createdAt),
  };
}

/**
 * A simulation as JSON text, rendered in turns: there may be thousands of calls. `numberOf`: what the reader
 * sees of the number of a call.
 */
export async function simulationToJson(
  simulation: Simulation,
  maxCalls: number,
  numberOf: (call: OutboundCall) => string,
): Promise<string> {
  const breather = new Breather();
  let text = `${JSON.stringify(figuresToWire(simulation)).slice(0, -1)},"Calls":[`;
  for (const [index, simulated] of simulation.calls.slice(0, maxCalls).entries()) {
    const call = JSON.stringify(simulatedToWire(simulated, numberOf));
    text += index === 0 ? call : `,${call}`;
    if (breather.isDue()) await breather.breathe();
  }
  return `${text}]}`;
}

function simulatedToWire(
  { call, at, reason }: Simulated,
  numberOf: (call: OutboundCall) => string,
) {
  return {
    QueueId: call.id,
    CampaignId: call.campaignId,
    RecipientNumber: numberOf(call),
    At: timeOf(at),
    Reason: reason,
  };
}

function figuresToWire(simulation: Simulation) {
  const { from, until, hours, waiting, calls, occupied, isComplete } = simulation;
  const dialed = hours.reduce((sum, count) => sum + count, 0);
  return {
    From: formatInstant(from),
    Until: formatInstant(until),
    Dialed: dialed,
    NotDialed: calls.length - dialed,
    Hours: hours.map((count, hour) => ({
      At: formatInstant(from + hour * 3_600_000),
      Dialed: count,
    })),
    Waiting: waiting.map(({ reason, calls }) => ({ Reason: reason, Calls: calls })),
    Occupied: occupied.map(({ campaignId, maxConcurrent, queueIds }) => ({
      CampaignId: campaignId,
      MaxConcurrent: maxConcurrent,
      OccupiedBy: queueIds,
    })),
    IsComplete: isComplete,
  };
}
