import { audit } from '../access/audit/pending-store.ts';
import type { Scope } from '../access/scope.ts';
import { Fault } from '../base/fault.ts';
import { lockCalls, saveChanges } from './call-store.ts';
import { Deciding, readmit } from './decide.ts';
import { addDoNotCall, findHeld, removeDoNotCall } from './do-not-call-store.ts';
import type { QueueContext } from './enqueue.ts';
import { normalizeNumber } from './phone-number.ts';
import { lockQueue } from './queue-store.ts';
import { plannerOf } from './rules.ts';
import { tellWorkers } from './tell-workers.ts';

/** Numbers are normalised; gives how many were not there yet. INVALID_REQUEST names one that is none. */
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
    const added = await addDoNotCall(tx, scope, [...new Set(numbers)].sort(), now);
    const deed = { action: 'DoNotCallAdded', kind: 'PhoneNumber' } as const;
    await audit(tx, ctx, scope, now, ...added.map((id) => ({ ...deed, id })));
    return added.length;
  });
}

/** Calls that waited for it are due again. NOT_FOUND where the number is not on the list. */
export async function allowNumber(ctx: QueueContext, scope: Scope, number: string): Promise<void> {
  const now = ctx.clock.now();
  await ctx.db.transaction(async (tx) => {
    const queue = await lockQueue(tx, scope, 'outbound');
    if (!(await removeDoNotCall(tx, scope, number))) {
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
