import { audit } from '../access/audit/pending-store.ts';
import { isMasked, type Scope } from '../access/scope.ts';
import { Fault } from '../base/fault.ts';
import { lockCalls, saveChanges } from './call-store.ts';
import { Deciding, readmit } from './decide.ts';
import { addDoNotCall, findHeld, removeDoNotCall } from './do-not-call-store.ts';
import type { QueueContext } from './enqueue.ts';
import { normalizeNumber } from './phone-number.ts';
import { lockQueue } from './queue-store.ts';
import { plannerOf } from './rules.ts';
import { tellWorkers } from './tell-workers.ts';

/**
 * Numbers are normalised; gives how many were not there yet. For a masked reader all of them count, in
 * the answer and in the audit log: otherwise adding a number would tell whether it was listed.
 * INVALID_REQUEST names one that is none.
 */
export async function forbidNumbers(
  ctx: QueueContext,
  scope: Scope,
  given: readonly string[],
): Promise<number> {
  const numbers = given.map((text, index) => {
    const number = normalizeNumber(text, null);
    if (number !== null) return number;
    throw new Fault(
      'INVALID_REQUEST',
      `Numbers[${index}] must be a possible phone number with its +.`,
    );
  });
  const now = ctx.clock.now();
  return ctx.db.transaction(async (tx) => {
    // Who hands calls out looks at the list under this lock: once this is committed, nobody hands
    // out one that was looked up before.
    await lockQueue(tx, scope, 'outbound');
    const distinct = [...new Set(numbers)].sort();
    const added = await addDoNotCall(tx, scope, distinct, now);
    const counted = isMasked(scope) ? distinct : added;
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
      const deciding = new Deciding(call, now);
      readmit(deciding, planner);
      return deciding.change;
    });
    await saveChanges(tx, scope, 'outbound', changes);
  });
  tellWorkers(ctx, scope, 'outbound');
}
