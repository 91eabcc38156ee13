import { type CountryCode, messageWithCountry, readPhoneNumber } from '@colloquy/phone-numbers';
import { audit } from '../../access/audit/pending-store.ts';
import { isMasked, type Scope } from '../../access/authorization/scope.ts';
import { Breather } from '../../kernel/fair-share/breather.ts';
import { Fault } from '../../kernel/fault.ts';
import { readmit } from '../calls/call-decisions.ts';
import { saveChanges } from '../calls/call-store.ts';
import { lockTransitions } from '../calls/follow.ts';
import { lockQueue } from '../campaigns/queue-store.ts';
import type { Rejected } from '../enqueue/request.ts';
import { notifyWorkers } from '../lease/notify-workers.ts';
import type { QueueContext } from '../queue-context.ts';
import { addDoNotCall, findDeferred, removeDoNotCall } from './do-not-call-store.ts';

export interface GivenNumber {
  readonly text: string;
  /** In the request, from 0. */
  readonly index: number;
  readonly line?: number;
  readonly fault?: string;
}

type RejectedNumber = Rejected<'INVALID_NUMBER' | 'INVALID_ROW'>;

export interface Forbidden {
  readonly added: number;
  readonly rejected: readonly RejectedNumber[];
}

/** Bounded, because leases wait for the lock of the transaction. */
const NUMBERS_PER_TRANSACTION = 10_000;

/**
 * An invalid number must not keep the rest off the list. For a masked key every number counts as
 * added, because otherwise it would learn whether a number was listed.
 */
export async function forbidNumbers(
  ctx: QueueContext,
  scope: Scope,
  given: readonly GivenNumber[],
  country: CountryCode | null,
): Promise<Forbidden> {
  const numbers = new Set<string>();
  const rejected: RejectedNumber[] = [];
  const breather = new Breather();
  for (const { text, index, line, fault } of given) {
    const reject = (reason: RejectedNumber['reason'], message: string) => {
      rejected.push({ index, line, reason, message });
    };
    if (fault !== undefined) reject('INVALID_ROW', fault);
    else {
      const reading = readPhoneNumber(text, country);
      if ('e164' in reading) numbers.add(reading.e164);
      else reject('INVALID_NUMBER', messageWithCountry(reading));
    }
    if (breather.isDue()) await breather.breathe();
  }
  const distinct = [...numbers].sort();
  let added = 0;
  for (let at = 0; at < distinct.length; at += NUMBERS_PER_TRANSACTION) {
    added += await addNumbers(ctx, scope, distinct.slice(at, at + NUMBERS_PER_TRANSACTION));
  }
  return { added, rejected };
}

function addNumbers(ctx: QueueContext, scope: Scope, numbers: readonly string[]): Promise<number> {
  const now = ctx.clock.now();
  return ctx.db.transaction(async (tx) => {
    // Leases take this lock, so none after the commit ignores these numbers.
    await lockQueue(tx, scope, 'outbound');
    const added = await addDoNotCall(tx, scope, numbers, now);
    const counted = isMasked(scope) ? numbers : added;
    const event = { action: 'DoNotCallAdded', kind: 'PhoneNumber' } as const;
    await audit(tx, ctx, { ...scope, now }, ...counted.map((id) => ({ ...event, id })));
    return counted.length;
  });
}

/**
 * Queues the calls that were deferred because of it. NOT_FOUND if it is not listed, except for
 * masked keys, which get the same answer and audit event in both cases.
 */
export async function allowNumber(ctx: QueueContext, scope: Scope, number: string): Promise<void> {
  const now = ctx.clock.now();
  await ctx.db.transaction(async (tx) => {
    await lockQueue(tx, scope, 'outbound');
    if (!(await removeDoNotCall(tx, scope, number)) && !isMasked(scope)) {
      throw new Fault('NOT_FOUND', 'The number is not on the do-not-call list of this business.');
    }
    const event = { action: 'DoNotCallRemoved', kind: 'PhoneNumber', id: number } as const;
    await audit(tx, ctx, { ...scope, now }, event);
    const transitions = await lockTransitions(tx, scope, 'outbound', {
      ids: await findDeferred(tx, scope, number),
      now,
      isWanted: ({ status, lastReason }) => status === 'Queued' && lastReason === 'DO_NOT_CALL',
    });
    for (const transition of transitions) readmit(transition);
    await saveChanges(tx, scope, transitions);
  });
  notifyWorkers(ctx, scope, 'outbound');
}
