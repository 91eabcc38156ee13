import type { CountryCode } from '@colloquy/phone-numbers';
import type { Rejection } from '@colloquy/wire';
import { Fault } from '../../kernel/fault.ts';
import type { Retry } from '../calls/call.ts';
import type { NewSchedule } from '../calls/call-decisions.ts';
import type { Window } from '../campaigns/windows.ts';
import type { Recipient } from './recipients.ts';

export interface EnqueueRequest {
  readonly campaignId: string | null;
  readonly numberId: string;
  readonly numberProvider: string | null;
  readonly country: CountryCode | null;
  readonly priority: number;
  readonly scheduledFor: number | null;
  readonly expiresAt: number | null;
  readonly windows: readonly Window[] | null;
  readonly retry: Retry | null;
  readonly recipients: readonly Recipient[];
  readonly allOrNothing: boolean;
  readonly idempotency: { readonly key: string; readonly requestHash: Buffer } | null;
}

export interface Rejected<Reason extends Rejection = Rejection> {
  readonly index: number;
  readonly line: number | undefined;
  readonly reason: Reason;
  readonly message: string;
}

export interface Enqueued {
  /** In the order of the recipients; null for a rejected one. */
  readonly queueIds: readonly (string | null)[];
  readonly rejected: readonly Rejected[];
}

/** INVALID_REQUEST if a call would expire first. */
export function refuseLateSchedule({ from, until }: NewSchedule, now: number): void {
  if (until === null || until > Math.max(now, from ?? 0)) return;
  throw new Fault(
    'INVALID_REQUEST',
    'Schedule.MaxDateTimeUTC must be in the future, and after Schedule.DateTimeUTC.',
  );
}

const MAX_NAMED_ROWS = 20;

/** INVALID_REQUEST if the only recipient is rejected, or one of several with `allOrNothing`. */
export function refuseRejected(
  { recipients, allOrNothing }: Pick<EnqueueRequest, 'recipients' | 'allOrNothing'>,
  rejected: readonly Rejected[],
): void {
  const [first] = rejected;
  if (!first) return;
  const placeOf = ({ index, line }: Rejected) =>
    line === undefined ? `Recipients[${index}]` : `Line ${line}`;
  if (allOrNothing) {
    const named = rejected.slice(0, MAX_NAMED_ROWS).map((row) => `${placeOf(row)}: ${row.message}`);
    const rest = rejected.length - MAX_NAMED_ROWS;
    const more = rest > 0 ? ` And ${rest} more.` : '';
    throw new Fault('INVALID_REQUEST', `Nothing was enqueued. ${named.join(' ')}${more}`);
  }
  if (recipients.length === 1) {
    const place = first.line === undefined ? '' : `${placeOf(first)}: `;
    throw new Fault('INVALID_REQUEST', `${place}${first.message}`);
  }
}
