import { type OutputOf, QUEUE_STATUS, type QueueStatus } from '@colloquy/wire';
import { Breather } from '../kernel/fair-share/breather.ts';
import { formatInstant } from '../kernel/instant.ts';
import type {
  Call,
  CallOf,
  Campaign,
  Direction,
  HistoryEntry,
  InboundCall,
  OutboundCall,
} from './calls/call.ts';
import type { Simulated, Simulation } from './campaigns/simulate.ts';
import type { Enqueued, Rejected } from './enqueue/request.ts';
import type { Forbidden } from './lists/do-not-call.ts';
import type { ListedCall } from './lists/list-store.ts';

interface WireCalls {
  readonly outbound: OutputOf<'GetOutboundQueue'>;
  readonly inbound: OutputOf<'GetInboundQueue'>;
}
export type WireCall<D extends Direction = Direction> = WireCalls[D];
export type WireHistory = OutputOf<'GetOutboundQueueHistory'> & OutputOf<'GetInboundQueueHistory'>;
type WireCampaign = OutputOf<'GetCampaign'>;
type WireSimulation = OutputOf<'SimulateOutboundQueue'>;

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
const workOf = (call: Call) => ({
  Attempts: call.attempts,
  NextAttemptAt: timeOf(call.nextAttemptAt),
  ScheduledFor: timeOf(call.scheduledFor),
  ExpiresAt: timeOf(call.expiresAt),
  Priority: call.priority,
  LastReason: call.lastReason,
});

function outboundToWire(call: OutboundCall): WireCall<'outbound'> {
  return {
    ...startOf(call),
    DynamicVariables: JSON.parse(call.dynamicVariables),
    Metadata: JSON.parse(call.metadata),
    CampaignId: call.campaignId,
    NumberId: call.numberId,
    RecipientNumber: call.recipientNumber,
    ...sessionOf(call),
    ...workOf(call),
  };
}

function inboundToWire(call: InboundCall): WireCall<'inbound'> {
  return {
    ...startOf(call),
    NumberId: call.numberId,
    RouteId: call.routeId,
    CallerNumber: call.callerNumber,
    CallerE164: call.callerE164,
    ...sessionOf(call),
    ...workOf(call),
  };
}

const TO_WIRE: { readonly [D in Direction]: (call: CallOf<D>) => WireCall<D> } = {
  outbound: outboundToWire,
  inbound: inboundToWire,
};

export const callToWire = <D extends Direction>(direction: D, call: CallOf<D>): WireCall<D> =>
  TO_WIRE[direction](call);

export function leasedToWire<D extends Direction>(direction: D, call: CallOf<D>) {
  const { id, leaseToken, leaseExpiresAt } = call;
  if (leaseToken === null || leaseExpiresAt === null) throw new Error(`call ${id} has no lease`);
  return {
    ...callToWire(direction, call),
    LeaseToken: leaseToken,
    LeaseExpiresAt: formatInstant(leaseExpiresAt),
  };
}

/** A due call shows the suspension of its campaign as its reason. */
export function listedToWire<D extends Direction>(
  direction: D,
  call: ListedCall<D>,
  now: number,
): WireCall<D> {
  const isDue =
    call.status === 'Queued' && call.nextAttemptAt !== null && call.nextAttemptAt <= now;
  const lastReason = (isDue ? call.suspension : null) ?? call.lastReason;
  return callToWire(direction, { ...call, lastReason });
}

export function historyToWire(entries: readonly HistoryEntry[]): WireHistory {
  return {
    Entries: entries.map(({ at, decision, reason, details, occupiedBy }) => ({
      At: formatInstant(at),
      Decision: decision,
      Reason: reason,
      Details: details,
      ...(occupiedBy && { OccupiedBy: [...occupiedBy] }),
    })),
  };
}

export function enqueuedToWire({ queueIds, rejected }: Enqueued): OutputOf<'InitiateCall'> {
  return { QueueIds: [...queueIds], Rejected: rejected.map(rejectedToWire) };
}

export function forbiddenToWire({ added, rejected }: Forbidden): OutputOf<'AddDoNotCall'> {
  return { Added: added, Rejected: rejected.map(rejectedToWire) };
}

const rejectedToWire = <R extends Rejected['reason']>({
  index,
  line,
  reason,
  message,
}: Rejected<R>) => ({
  Index: index,
  ...(line !== undefined && { Line: line }),
  Reason: reason,
  Message: message,
});

const timeOfDay = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

export function campaignToWire(campaign: Campaign): WireCampaign {
  const { retry } = campaign;
  return {
    CampaignId: campaign.id,
    Name: campaign.name,
    IsPaused: campaign.isPaused,
    MaxConcurrent: campaign.maxConcurrent,
    Windows: campaign.windows.map(({ days, from, to, timeZone }) => ({
      Days: [...days],
      From: timeOfDay(from),
      To: timeOfDay(to),
      ...(timeZone !== null && { TimeZone: timeZone }),
    })),
    Retry: retry && {
      MaxAttempts: retry.maxAttempts,
      On: [...retry.on],
      DelaySeconds: retry.delaySeconds,
      Backoff: retry.backoff,
    },
    MaxAttemptsPerNumberPerDay: campaign.maxAttemptsPerNumberPerDay,
    AbandonAfterSeconds: campaign.abandonAfterSeconds,
    CreatedAt: formatInstant(campaign.createdAt),
  };
}

export function listedCampaignToWire(
  campaign: Campaign,
  counts: Partial<Record<QueueStatus, number>> = {},
): OutputOf<'GetCampaigns'>['Items'][number] {
  const all = QUEUE_STATUS.names.map((name) => [name, counts[name] ?? 0]);
  return {
    ...campaignToWire(campaign),
    Counts: Object.fromEntries(all) as Record<QueueStatus, number>,
  };
}

/** Renders in turns with other requests: it may have thousands of calls. */
export async function simulationToJson(
  simulation: Simulation,
  maxCalls: number,
  numberOf: (call: OutboundCall) => string,
): Promise<string> {
  const breather = new Breather();
  let text = `${JSON.stringify(summaryToWire(simulation)).slice(0, -1)},"Calls":[`;
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
): WireSimulation['Calls'][number] {
  return {
    QueueId: call.id,
    CampaignId: call.campaignId,
    RecipientNumber: numberOf(call),
    At: timeOf(at),
    Reason: reason,
  };
}

function summaryToWire(simulation: Simulation): Omit<WireSimulation, 'Calls'> {
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
      OccupiedBy: [...queueIds],
    })),
    IsComplete: isComplete,
  };
}
