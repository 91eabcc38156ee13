import type { Rejection } from '@colloquy/wire';
import type { CountryCode } from 'libphonenumber-js';
import type { Scope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import type { Counting } from '../base/counts.ts';
import type { Tx } from '../base/db.ts';
import { Fault } from '../base/fault.ts';
import { newId } from '../base/ids.ts';
import type { Wake } from '../base/wake.ts';
import { addCalls, type NewCall } from './add-store.ts';
import { type OutboundCall, type Retry, UNDECIDED } from './call.ts';
import { addCampaign, lockCampaign } from './campaign-store.ts';
import { enqueue } from './decide.ts';
import { findDoNotCall } from './do-not-call-store.ts';
import { claimKey, keepAnswer } from './idempotent-store.ts';
import { normalizeNumber } from './phone-number.ts';
import { Planner } from './plan.ts';
import { readQueue } from './queue-store.ts';
import { tellWorkers } from './tell-workers.ts';
import type { Window } from './windows.ts';

/** Somebody to be called; the texts are JSON. */
export interface Recipient {
  /** As it was given. */
  readonly number: string;
  readonly dynamicVariables: string;
  readonly metadata: string;
  readonly timeZone: string | null;
  /** Of a row: its line, from 1, and what is wrong with it as a whole. */
  readonly line?: number;
  readonly fault?: string;
}

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

export interface Rejected {
  readonly index: number;
  readonly line: number | undefined;
  readonly reason: Rejection;
  readonly message: string;
}

export interface Enqueued {
  /** In the order given; null where it was rejected. */
  readonly queueIds: readonly (string | null)[];
  readonly rejected: readonly Rejected[];
}

/** What the verbs of this room stand on. */
export type QueueContext = Pick<Context, 'db' | 'clock' | 'log'> & {
  readonly counting: Counting;
  readonly wake: Wake;
};

/** Rows of one statement. */
const CHUNK = 5_000;

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
  if (request.expiresAt !== null && request.expiresAt <= Math.max(now, request.scheduledFor ?? 0)) {
    throw new Fault(
      'INVALID_REQUEST',
      'Schedule.MaxDateTimeUTC must be in the future, and after Schedule.DateTimeUTC.',
    );
  }
  const { idempotency } = request;
  const answer = await ctx.db.transaction(async (tx): Promise<Enqueued> => {
    if (!idempotency) return add(tx, scope, request, now);
    const { key, requestHash } = idempotency;
    const first = await claimKey(tx, scope, key, requestHash, now);
    if (first.kind === 'same') return JSON.parse(first.answer);
    if (first.kind === 'other') {
      throw new Fault(
        'CONFLICT',
        'This Idempotency-Key has named another request; give each request a key of its own.',
      );
    }
    const answer = await add(tx, scope, request, now);
    await keepAnswer(tx, scope, key, JSON.stringify(answer));
    return answer;
  });
  ctx.counting.touched(scope);
  tellWorkers(ctx, scope, 'outbound');
  return answer;
}

async function add(tx: Tx, scope: Scope, request: EnqueueRequest, now: number): Promise<Enqueued> {
  const { campaignId, recipients } = request;
  if (campaignId !== null) await addCampaign(tx, scope, campaignId, now);
  // Kept as it is until the calls are there, so that a change of its windows finds all of them.
  const campaign = campaignId === null ? null : await lockCampaign(tx, scope, campaignId, 'share');
  const { plan, businessZone } = await readQueue(tx, scope, 'outbound');
  const campaigns = new Map(campaign ? [[campaign.id, campaign]] : []);
  const planner = new Planner({ plan, businessZone, campaigns });
  const rejected: Rejected[] = [];
  const reject = (index: number, reason: Rejection, message: string) => {
    const line = recipients[index]?.line;
    rejected.push({ index, line, reason, message });
  };
  const numbers = possibleNumbers(request, reject);
  const queueIds: (string | null)[] = recipients.map(() => null);
  const added: (NewCall<OutboundCall> & { readonly index: number })[] = [];
  for (let start = 0; start < recipients.length; start += CHUNK) {
    const chunk = numbers.slice(start, start + CHUNK);
    const refused = await findDoNotCall(
      tx,
      scope,
      chunk.filter((number) => number !== null),
    );
    for (const [at, number] of chunk.entries()) {
      const index = start + at;
      const recipient = recipients[index];
      if (number === null || !recipient) continue;
      if (refused.has(number)) {
        reject(index, 'DO_NOT_CALL', `${number} is on the do-not-call list.`);
        continue;
      }
      const call = newCall(request, recipient, number, now);
      const to = `to call ${number} from ${request.numberId}`;
      added.push({ index, ...enqueue(call, planner, to) });
    }
  }
  // Of two requests with the same numbers one waits for the other, and never in a circle.
  added.sort((a, b) => (a.call.recipientNumber < b.call.recipientNumber ? -1 : 1));
  for (let start = 0; start < added.length; start += CHUNK) {
    const chunk = added.slice(start, start + CHUNK);
    const waiting = await addCalls(tx, scope, 'outbound', chunk);
    for (const { index, call } of chunk) {
      if (!waiting.has(call.id)) queueIds[index] = call.id;
      else {
        reject(
          index,
          'DUPLICATE',
          `${call.recipientNumber} is in the queue of the campaign already.`,
        );
      }
    }
  }
  rejected.sort((a, b) => a.index - b.index);
  refuse(request, rejected);
  return { queueIds, rejected };
}

/** The number of each recipient in E.164; null where it is rejected. */
function possibleNumbers(
  { recipients, country }: EnqueueRequest,
  reject: (index: number, reason: Rejection, message: string) => void,
): (string | null)[] {
  const seen = new Set<string>();
  return recipients.map(({ number: given, fault }, index) => {
    if (fault !== undefined) {
      reject(index, 'INVALID_ROW', fault);
      return null;
    }
    const number = normalizeNumber(given, country);
    if (number === null) {
      reject(index, 'INVALID_NUMBER', invalidNumber(given, country));
      return null;
    }
    if (seen.has(number)) {
      reject(index, 'DUPLICATE', `${number} stands in the request already.`);
      return null;
    }
    seen.add(number);
    return number;
  });
}

function invalidNumber(given: string, country: CountryCode | null): string {
  const shown = JSON.stringify(given.slice(0, 64));
  const hint =
    country === null && !given.trim().startsWith('+')
      ? '; without DefaultCountry it needs its +'
      : '';
  return `${shown} is not a possible phone number${hint}.`;
}

function newCall(
  request: EnqueueRequest,
  recipient: Recipient,
  recipientNumber: string,
  now: number,
): OutboundCall {
  return {
    direction: 'outbound',
    ...UNDECIDED,
    id: newId('queue', now),
    enqueuedAt: now,
    priority: request.priority,
    numberId: request.numberId,
    scheduledFor: request.scheduledFor,
    expiresAt: request.expiresAt,
    dynamicVariables: recipient.dynamicVariables,
    metadata: recipient.metadata,
    campaignId: request.campaignId,
    numberProvider: request.numberProvider,
    recipientNumber,
    timeZone: recipient.timeZone,
    windows: request.windows,
    retry: request.retry,
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
  if (recipients.length === 1) throw new Fault('INVALID_REQUEST', first.message);
}
