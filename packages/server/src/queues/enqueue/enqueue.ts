import { type CountryCode, messageWithCountry, readDialableNumber } from '@colloquy/phone-numbers';
import type { Rejection } from '@colloquy/wire';
import type { AuditEvent } from '../../access/audit/entry.ts';
import { audit } from '../../access/audit/pending-store.ts';
import { isMasked, type Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import type { Counting } from '../../counters/counts.ts';
import { Breather } from '../../kernel/fair-share/breather.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { Notifier } from '../../kernel/postgres/notifier.ts';
import { type OutboundCall, type Retry, UNDECIDED } from '../calls/call.ts';
import { enqueue, type NewSchedule } from '../calls/call-decisions.ts';
import { addCampaign, lockCampaign } from '../campaigns/campaign-store.ts';
import { Planner } from '../campaigns/plan.ts';
import { addQueue, readQueue } from '../campaigns/queue-store.ts';
import type { Window } from '../campaigns/windows.ts';
import { notifyWorkers } from '../lease/notify-workers.ts';
import { findDoNotCall } from '../lists/do-not-call-store.ts';
import { addCalls, type NewCall } from './add-store.ts';
import { claimKey, keepAnswer } from './idempotent-store.ts';
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
  /** Where one is rejected, none goes in. */
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
  /** In the order given; null where it was rejected. */
  readonly queueIds: readonly (string | null)[];
  readonly rejected: readonly Rejected[];
}

/** What the verbs of this room stand on. */
export type QueueContext = Pick<Context, 'db' | 'clock' | 'log' | 'secrets'> & {
  readonly counting: Counting;
  readonly notifier: Notifier;
};

/** Rows of one statement, and what their texts come to. */
const CHUNK = 2_500;
const CHUNK_CHARACTERS = 4 * 1024 * 1024;

/**
 * Puts calls into the queue: all of those that are not rejected, or none where it throws. Faults:
 * INVALID_REQUEST where the only recipient is rejected, or one of them with `allOrNothing`; CONFLICT
 * where the idempotency key has named another request.
 */
export async function enqueueCalls(
  ctx: QueueContext,
  scope: Scope,
  request: EnqueueRequest,
): Promise<Enqueued> {
  const now = ctx.clock.now();
  const { idempotency, campaignId } = request;
  const numbers = await readNumbers(request);
  await addQueue(ctx.db, scope, 'outbound');
  if (campaignId !== null) await addCampaign(ctx.db, scope, campaignId, now);
  const answer = await ctx.db.transaction(async (tx): Promise<Enqueued> => {
    if (!idempotency) return add(tx, ctx, scope, request, numbers, now);
    const { key, requestHash } = idempotency;
    const first = await claimKey(tx, scope, key, requestHash, now);
    if (first.kind === 'same') return JSON.parse(first.answer);
    if (first.kind === 'other') {
      throw new Fault(
        'CONFLICT',
        'This Idempotency-Key has named another request; give each request a key of its own.',
      );
    }
    const answer = await add(tx, ctx, scope, request, numbers, now);
    await keepAnswer(tx, scope, key, JSON.stringify(answer));
    return answer;
  });
  ctx.counting.touched(scope);
  notifyWorkers(ctx, scope, 'outbound');
  return answer;
}

/** INVALID_REQUEST where a call could not be made in that time any more. */
export function refuseLate({ from, until }: NewSchedule, now: number): void {
  if (until === null || until > Math.max(now, from ?? 0)) return;
  throw new Fault(
    'INVALID_REQUEST',
    'Schedule.MaxDateTimeUTC must be in the future, and after Schedule.DateTimeUTC.',
  );
}

async function add(
  tx: Tx,
  ctx: Pick<Context, 'secrets'>,
  scope: Scope,
  request: EnqueueRequest,
  numbers: ReadNumbers,
  now: number,
): Promise<Enqueued> {
  const { campaignId, recipients } = request;
  const isHidden = isMasked(scope);
  refuseLate({ from: request.scheduledFor, until: request.expiresAt }, now);
  // Kept as it is until the calls are there, so that a change of its windows finds all of them.
  const campaign = campaignId === null ? null : await lockCampaign(tx, scope, campaignId, 'share');
  const { plan, businessZone } = await readQueue(tx, scope, 'outbound');
  const campaigns = new Map(campaign ? [[campaign.id, campaign]] : []);
  const planner = new Planner({ plan, businessZone, campaigns });
  const rejected = [...numbers.rejected];
  const reject = (index: number, reason: Rejection, message: string) => {
    rejected.push({ index, line: recipients[index]?.line, reason, message });
  };
  // Ids go by the order given, and rows by number: of two requests with the same numbers one waits
  // for the other, and never in a circle.
  const possible = numbers.possible.map((one) => ({ ...one, id: newId('queue', now) }));
  possible.sort((a, b) => (a.number < b.number ? -1 : 1));
  // Hides from masked keys which numbers are listed: their calls wait and are never handed out.
  const refused = isHidden
    ? new Set<string>()
    : await findDoNotCall(
        tx,
        scope,
        possible.map(({ number }) => number),
      );
  // Refuses now, before the check for numbers that already wait, so that a refusal does not reveal them.
  if (isHidden && request.allOrNothing) refuse(request, rejected);
  const queueIds: (string | null)[] = recipients.map(() => null);
  let writing = Promise.resolve();
  for (const chunk of chunksOf(possible)) {
    const added: (NewCall<OutboundCall> & { readonly index: number })[] = [];
    for (const { index, id, number, recipient } of chunk) {
      if (refused.has(number)) {
        reject(index, 'DO_NOT_CALL', `${number} is on the do-not-call list.`);
        continue;
      }
      const call = newCall(request, recipient, { id, number, now, isByMaskedKey: isHidden });
      added.push({
        index,
        ...enqueue(call, planner, `to call ${number} from ${request.numberId}`),
      });
    }
    // The next are made while these are written.
    await writing;
    writing = write(added);
    writing.catch(() => undefined);
  }
  await writing;
  rejected.sort((a, b) => a.index - b.index);
  refuse(isHidden ? { ...request, allOrNothing: false } : request, rejected);
  await audit(tx, ctx, scope, now, ...deedOf(scope, campaignId, queueIds));
  return { queueIds, rejected };

  async function write(added: readonly (NewCall<OutboundCall> & { readonly index: number })[]) {
    const waiting = await addCalls(tx, scope, 'outbound', added);
    // Hides from masked keys which numbers already wait: such a call waits beside the other.
    const repeats = isHidden ? added.filter(({ call }) => waiting.has(call.id)) : [];
    await addCalls(
      tx,
      scope,
      'outbound',
      repeats.map(({ call, rows }) => ({ call: { ...call, isRepeat: true }, rows })),
    );
    for (const { call } of repeats) waiting.delete(call.id);
    for (const { index, call } of added) {
      if (!waiting.has(call.id)) queueIds[index] = call.id;
      else {
        const { recipientNumber } = call;
        reject(index, 'DUPLICATE', `${recipientNumber} is in the queue of the campaign already.`);
      }
    }
  }
}

/** One for a request, also for one of thousands: each of its calls has a history of its own. */
function deedOf(
  { businessId }: Scope,
  campaignId: string | null,
  queueIds: readonly (string | null)[],
): AuditEvent[] {
  const [one, ...others] = queueIds.filter((id) => id !== null);
  if (one === undefined) return [];
  const deed = { action: 'CallEnqueued', details: { Calls: 1 + others.length } } as const;
  if (others.length === 0) return [{ ...deed, kind: 'QueueEntry', id: one }];
  if (campaignId !== null) return [{ ...deed, kind: 'Campaign', id: campaignId }];
  return [{ ...deed, kind: 'Business', id: String(businessId) }];
}

function* chunksOf(possible: readonly Identified[]): Generator<readonly Identified[]> {
  let chunk: Identified[] = [];
  let characters = 0;
  for (const one of possible) {
    chunk.push(one);
    characters += one.recipient.dynamicVariables.length + one.recipient.metadata.length;
    if (chunk.length < CHUNK && characters < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = [];
    characters = 0;
  }
  if (chunk.length > 0) yield chunk;
}

type Identified = Possible & { readonly id: string };

interface Possible {
  readonly index: number;
  readonly recipient: Recipient;
  /** E.164. */
  readonly number: string;
}

interface ReadNumbers {
  readonly possible: readonly Possible[];
  readonly rejected: readonly Rejected[];
}

/** The recipients that can be called as far as their number tells; others have their turn meanwhile. */
async function readNumbers({ recipients, country }: EnqueueRequest): Promise<ReadNumbers> {
  const seen = new Set<string>();
  const possible: Possible[] = [];
  const rejected: Rejected[] = [];
  const breather = new Breather();
  for (const [index, recipient] of recipients.entries()) {
    const { number: given, fault, line } = recipient;
    const reject = (reason: Rejection, message: string) => {
      rejected.push({ index, line, reason, message });
    };
    if (fault !== undefined) reject('INVALID_ROW', fault);
    else {
      const reading = readDialableNumber(given, country);
      if (!('e164' in reading)) reject('INVALID_NUMBER', messageWithCountry(reading));
      else if (seen.has(reading.e164)) {
        reject('DUPLICATE', `${reading.e164} is in the request already.`);
      } else {
        seen.add(reading.e164);
        possible.push({ index, recipient, number: reading.e164 });
      }
    }
    if (breather.isDue()) await breather.breathe();
  }
  return { possible, rejected };
}

function newCall(
  request: EnqueueRequest,
  recipient: Recipient,
  {
    id,
    number,
    now,
    isByMaskedKey,
  }: Pick<OutboundCall, 'id' | 'isByMaskedKey'> & {
    readonly number: string;
    readonly now: number;
  },
): OutboundCall {
  return {
    direction: 'outbound',
    ...UNDECIDED,
    id,
    enqueuedAt: now,
    priority: request.priority,
    numberId: request.numberId,
    scheduledFor: request.scheduledFor,
    expiresAt: request.expiresAt,
    dynamicVariables: recipient.dynamicVariables,
    metadata: recipient.metadata,
    campaignId: request.campaignId,
    numberProvider: request.numberProvider,
    recipientNumber: number,
    timeZone: recipient.timeZone,
    windows: request.windows,
    retry: request.retry,
    isByMaskedKey,
  };
}

/** How many rejected rows a refusal names. */
const NAMED = 20;

function refuse({ recipients, allOrNothing }: EnqueueRequest, rejected: readonly Rejected[]): void {
  const [first] = rejected;
  if (!first) return;
  const where = ({ index, line }: Rejected) =>
    line === undefined ? `Recipients[${index}]` : `Line ${line}`;
  if (allOrNothing) {
    const named = rejected.slice(0, NAMED).map((one) => `${where(one)}: ${one.message}`);
    const more = rejected.length > NAMED ? ` And ${rejected.length - NAMED} more.` : '';
    throw new Fault('INVALID_REQUEST', `Nothing was enqueued. ${named.join(' ')}${more}`);
  }
  if (recipients.length === 1) {
    const place = first.line === undefined ? '' : `${where(first)}: `;
    throw new Fault('INVALID_REQUEST', `${place}${first.message}`);
  }
}
