import { type CountryCode, messageWithCountry, readPhoneNumber } from '@colloquy/phone-numbers';
import { audit } from '../../access/audit/pending-store.ts';
import { isMasked, type Scope } from '../../access/authorization/scope.ts';
import { Breather } from '../../kernel/fair-share/breather.ts';
import { Fault } from '../../kernel/fault.ts';
import { readmit } from '../calls/call-decisions.ts';
import { lockCalls, saveChanges } from '../calls/call-store.ts';
import { CallTransition } from '../calls/call-transition.ts';
import { lockQueue } from '../campaigns/queue-store.ts';
import { plannerOf } from '../campaigns/rules.ts';
import type { QueueContext, Rejected } from '../enqueue/enqueue.ts';
import { notifyWorkers } from '../lease/notify-workers.ts';
import { addDoNotCall, findHeld, removeDoNotCall } from './do-not-call-store.ts';

/** A number as it was given. */
export interface GivenNumber {
  readonly text: string;
  /** In the order given, from 0: of the number, or of its row. */
  readonly index: number;
  readonly line?: number;
  /** Why the row has no number. */
  readonly fault?: string;
}

type RejectedNumber = Rejected<'INVALID_NUMBER' | 'INVALID_ROW'>;

export interface Forbidden {
  readonly added: number;
  readonly rejected: readonly RejectedNumber[];
}

/** Numbers of one transaction, which holds the lock that hand-outs wait for. */
const NUMBERS_AT_ONCE = 10_000;

/**
 * Adds those that are possible numbers, and names the others: a bad number must not keep a person who asked not
 * to be called off the list. For a masked reader every number counts as added, in the answer and in the
 * audit log: otherwise adding a number would tell whether it was listed.
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
  for (let at = 0; at < distinct.length; at += NUMBERS_AT_ONCE) {
    added += await addNumbers(ctx, scope, distinct.slice(at, at + NUMBERS_AT_ONCE));
  }
  return { added, rejected };
}

/** How many count as added. */
function addNumbers(ctx: QueueContext, scope: Scope, numbers: readonly string[]): Promise<number> {
  const now = ctx.clock.now();
  return ctx.db.transaction(async (tx) => {
    // Who hands calls out looks at the list under this lock: once this is committed, nobody hands
    // out one that was looked up before.
    await lockQueue(tx, scope, 'outbound');
    const added = await addDoNotCall(tx, scope, numbers, now);
    const counted = isMasked(scope) ? numbers : added;
    const deed = { action: 'DoNotCallAdded', kind: 'PhoneNumber' } as const;
    await audit(tx, ctx, scope, now, ...counted.map((id) => ({ ...deed, id })));
    return counted.length;
  });
}

/**
 * Calls that waited for it are due again. NOT_FOUND where the number is not on the list; a masked reader
 * gets the same answer and the same audit event in both cases.
 */
export async function allowNumber(ctx: QueueContext, scope: Scope, number: string): Promise<void> {
  const now = ctx.clock.now();
  await ctx.db.transaction(async (tx) => {
    const queue = await lockQueue(tx, scope, 'outbound');
    if (!(await removeDoNotCall(tx, scope, number)) && !isMasked(scope)) {
      throw new Fault('NOT_FOUND', 'The number is not on the do-not-call list of this business.');
    }
    await audit(tx, ctx, scope, now, {
      action: 'DoNotCallRemoved',
      kind: 'PhoneNumber',
      id: number,
    });
    const held = await findHeld(tx, scope, number);
    const calls = [...(await lockCalls(tx, scope, 'outbound', held)).values()].filter(
      ({ status, lastReason }) => status === 'Queued' && lastReason === 'DO_NOT_CALL',
    );
    const planner = await plannerOf(tx, scope, queue, calls);
    const changes = calls.map((call) => {
      const transition = new CallTransition(call, now);
      readmit(transition, planner);
      return transition.change;
    });
    await saveChanges(tx, scope, 'outbound', changes);
  });
  notifyWorkers(ctx, scope, 'outbound');
}
