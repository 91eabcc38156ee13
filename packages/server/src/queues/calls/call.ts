import type { Decision, EndType, HoldReason, QueueStatus, Status } from '@colloquy/wire';
import type { Window } from '../campaigns/windows.ts';

export type Direction = 'outbound' | 'inbound';

/** Instants are milliseconds since 1970. */
export interface CallState {
  readonly status: QueueStatus;
  readonly processingStartedAt: number | null;
  readonly completedAt: number | null;
  readonly sessionId: string | null;
  readonly sessionStatus: Status | null;
  readonly sessionEndType: EndType | null;
  /** Includes the one under way; an expired call lease does not count. */
  readonly attempts: number;
  readonly lostLeases: number;
  /** null if it does not wait, or is deferred without a date. */
  readonly nextAttemptAt: number | null;
  readonly dueFrom: number | null;
  /** null if the window of `nextAttemptAt` never closes. */
  readonly windowClosesAt: number | null;
  readonly plan: number;
  readonly scheduledFor: number | null;
  readonly expiresAt: number | null;
  readonly lastReason: string | null;
  readonly leaseToken: string | null;
  /** null without a call lease, or if a conversation decides when the attempt ends. */
  readonly leaseExpiresAt: number | null;
  /** The end of the call lease while a conversation decides when the attempt ends. */
  readonly leaseUntil: number | null;
  /** When to check that conversation for activity; null means immediately. */
  readonly watchAt: number | null;
  /** When its last attempt ended because of silence; null once the conversation has reported. */
  readonly abandonedAt: number | null;
  /** True if the number already waited in the campaign; false once the call is leased. */
  readonly isRepeat: boolean;
  /** When a call that is deferred because of its number was due; else null or outdated. */
  readonly heldDueAt: number | null;
  readonly decisions: number;
}

export const WITHOUT_RULES = {
  dueFrom: null,
  windowClosesAt: null,
  plan: 0,
  leaseUntil: null,
  watchAt: null,
  abandonedAt: null,
  isRepeat: false,
  heldDueAt: null,
} as const;

export const UNDECIDED: CallState = {
  status: 'Queued',
  processingStartedAt: null,
  completedAt: null,
  sessionId: null,
  sessionStatus: null,
  sessionEndType: null,
  attempts: 0,
  lostLeases: 0,
  nextAttemptAt: null,
  scheduledFor: null,
  expiresAt: null,
  lastReason: null,
  leaseToken: null,
  leaseExpiresAt: null,
  decisions: 0,
  ...WITHOUT_RULES,
};

export interface CallOrigin {
  readonly id: string;
  readonly enqueuedAt: number;
  readonly priority: number;
  readonly numberId: string | null;
}

export interface OutboundDetails {
  readonly dynamicVariables: string;
  readonly metadata: string;
  readonly campaignId: string | null;
  readonly numberProvider: string | null;
  readonly recipientNumber: string;
  readonly timeZone: string | null;
  readonly windows: readonly Window[] | null;
  readonly retry: Retry | null;
  /** Masked keys must not learn whether other calls or lists contain the number. */
  readonly isByMaskedKey: boolean;
}

export interface InboundDetails {
  readonly routeId: string | null;
  readonly provider: string;
  readonly providerCallId: string;
  readonly callerNumber: string;
  readonly callerE164: string | null;
}

export interface OutboundCall extends CallOrigin, CallState, OutboundDetails {
  readonly direction: 'outbound';
}
export interface InboundCall extends CallOrigin, CallState, InboundDetails {
  readonly direction: 'inbound';
}
interface Calls {
  readonly outbound: OutboundCall;
  readonly inbound: InboundCall;
}
export type CallOf<D extends Direction> = Calls[D];
export type Call = CallOf<Direction>;

export interface Retry {
  readonly maxAttempts: number;
  readonly on: readonly EndType[];
  readonly delaySeconds: number;
  readonly backoff: 'Constant' | 'Exponential';
}

export interface Campaign {
  readonly id: string;
  readonly name: string;
  readonly isPaused: boolean;
  readonly maxConcurrent: number | null;
  readonly windows: readonly Window[];
  readonly retry: Retry | null;
  readonly maxAttemptsPerNumberPerDay: number | null;
  readonly abandonAfterSeconds: number;
  readonly createdAt: number;
}

export interface DecisionRow {
  readonly at: number;
  readonly decision: Decision;
  readonly reason: HoldReason | string | null;
  readonly details: string;
  readonly leaseToken: string | null;
  readonly sessionId: string | null;
  readonly nextAttemptAt: number | null;
}

export interface Change<C extends Call = Call> {
  readonly before: C;
  readonly after: C;
  readonly rows: readonly DecisionRow[];
}

export function partitionOf(call: Call): string {
  return call.direction === 'outbound' ? (call.campaignId ?? '') : '';
}

export type Clock = 'enqueued' | 'completed' | 'scheduled';

export function clocksOf(call: Call): Readonly<Record<Clock, number | null>> {
  const { enqueuedAt, completedAt, scheduledFor } = call;
  return { enqueued: enqueuedAt, completed: completedAt, scheduled: scheduledFor };
}

/** In the order of the columns of the counts, after the clock. */
export function countKeys(call: Call): (string | null)[] {
  return call.direction === 'outbound'
    ? [call.campaignId, call.status, call.numberId, call.numberProvider]
    : [call.routeId, call.status, call.numberId, call.provider];
}

export type HistoryEntry = Pick<DecisionRow, 'at' | 'decision' | 'reason' | 'details'> & {
  /** The calls that occupy the slots of its campaign, or occupied them while it waited. */
  readonly occupiedBy?: readonly string[];
};
