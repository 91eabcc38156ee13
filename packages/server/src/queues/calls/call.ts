import type { Decision, EndType, HoldReason, QueueStatus, Status } from '@colloquy/wire';
import type { Window } from '../campaigns/windows.ts';

export type Direction = 'outbound' | 'inbound';

/** Where a call stands; instants are milliseconds since 1970. */
export interface CallState {
  readonly status: QueueStatus;
  readonly processingStartedAt: number | null;
  readonly completedAt: number | null;
  readonly sessionId: string | null;
  readonly sessionStatus: Status | null;
  readonly sessionEndType: EndType | null;
  /** The one under way included; a lease that ran out is none. */
  readonly attempts: number;
  readonly lostLeases: number;
  /** null where it does not wait, or is not to be handed out as things stand. */
  readonly nextAttemptAt: number | null;
  /** When it would be due without windows. */
  readonly dueFrom: number | null;
  /** The end of the window in which that lies; null where it never closes. */
  readonly windowClosesAt: number | null;
  /** By which rules of the queue the two were found. */
  readonly plan: number;
  readonly scheduledFor: number | null;
  readonly expiresAt: number | null;
  readonly lastReason: string | null;
  readonly leaseToken: string | null;
  /** null where no worker holds it, or where it waits for its conversation instead. */
  readonly leaseExpiresAt: number | null;
  /** The end of the lease of a call that waits for its conversation; null without one. */
  readonly leaseUntil: number | null;
  /** When that conversation is next asked for a sign of life; null: at once. */
  readonly watchAt: number | null;
  /** When its last attempt ended for silence, until its conversation reports; else null. */
  readonly abandonedAt: number | null;
  /** Enqueued although its number waited in the campaign, and not handed out since. */
  readonly isRepeat: boolean;
  /** When it was due, if it is held back since for what is known of its number; else null or outdated. */
  readonly heldDueAt: number | null;
  /** Rows of its history so far. */
  readonly decisions: number;
}

/** The state of a call of which nothing was decided yet. */
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
  dueFrom: null,
  windowClosesAt: null,
  plan: 0,
  scheduledFor: null,
  expiresAt: null,
  lastReason: null,
  leaseToken: null,
  leaseExpiresAt: null,
  leaseUntil: null,
  watchAt: null,
  abandonedAt: null,
  isRepeat: false,
  heldDueAt: null,
  decisions: 0,
};

interface CallOrigin {
  readonly id: string;
  readonly enqueuedAt: number;
  readonly priority: number;
  readonly numberId: string | null;
}

export interface OutboundDetails {
  /** JSON texts, kept as they came. */
  readonly dynamicVariables: string;
  readonly metadata: string;
  readonly campaignId: string | null;
  readonly numberProvider: string | null;
  /** E.164. */
  readonly recipientNumber: string;
  readonly timeZone: string | null;
  /** null: those of its campaign. */
  readonly windows: readonly Window[] | null;
  readonly retry: Retry | null;
  /** True if a masked key enqueued it. Such a key never sees whether other calls or lists have the number. */
  readonly isByMaskedKey: boolean;
}

export interface InboundDetails {
  readonly routeId: string | null;
  readonly provider: string;
  readonly providerCallId: string;
  /** As the provider gave it. */
  readonly callerNumber: string;
  /** The number in it; null if it is not a number. */
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
  /** The first attempt included. */
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

/** A row of a call's history. */
export interface DecisionRow {
  readonly at: number;
  readonly decision: Decision;
  /** A hold's reason, an attempt's end type, or why it failed. */
  readonly reason: HoldReason | string | null;
  readonly details: string;
  readonly leaseToken: string | null;
  readonly sessionId: string | null;
  readonly nextAttemptAt: number | null;
}

/** A call as it was and as it is after some decisions. */
export interface Change<C extends Call = Call> {
  readonly before: C;
  readonly after: C;
  readonly rows: readonly DecisionRow[];
}

/** The lane of a call: workers take from the lanes of a priority in turns. */
export function partitionOf(call: Call): string {
  return call.direction === 'outbound' ? (call.campaignId ?? '') : '';
}

/** What a call is counted by: when it was enqueued, completed, and for when it was scheduled. */
export type Clock = 'enqueued' | 'completed' | 'scheduled';

export function clocksOf(call: Call): Readonly<Record<Clock, number | null>> {
  const { enqueuedAt, completedAt, scheduledFor } = call;
  return { enqueued: enqueuedAt, completed: completedAt, scheduled: scheduledFor };
}

/** The keys by which calls are counted, in the order of the table of counts, after the clock. */
export function countKeys(call: Call): (string | null)[] {
  return call.direction === 'outbound'
    ? [call.campaignId, call.status, call.numberId, call.numberProvider]
    : [call.routeId, call.status, call.numberId, call.provider];
}

/** A decision as its history shows it. */
export type HistoryEntry = Pick<DecisionRow, 'at' | 'decision' | 'reason' | 'details'> & {
  /** The calls that occupy the slots of its campaign; once the wait is over, those that did. */
  readonly occupiedBy?: readonly string[];
};
