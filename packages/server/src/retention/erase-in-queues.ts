import { audit } from '../access/audit/pending-store.ts';
import type { Scope } from '../access/scope.ts';
import { eraseInAnswers, eraseInCallers } from '../queues/erase-number.ts';
import { spellingsOf } from '../redaction/number-spellings.ts';
import type { ErasureContext } from './erase-person.ts';
import type { Erasure } from './erasure-store.ts';
import { numberEraser } from './number-test.ts';
import type { Person } from './person.ts';

const LAST_DIGITS = 4;

/** Replaces a person's number where the calls of others name it, and in the answers that are kept for repeats. */
export async function eraseInQueues(
  ctx: ErasureContext,
  scope: Scope,
  { id: erasureId, requestedBy }: Erasure,
  { phoneNumber }: Person,
): Promise<void> {
  if (phoneNumber === null) return;
  const eraser = {
    digits: phoneNumber.slice(-LAST_DIGITS),
    inCaller: numberEraser(phoneNumber),
    inText: spellingsOf(phoneNumber).replace,
  };
  await eraseInCallers(ctx, scope, eraser, (tx, ids) => {
    const details = { ErasureId: erasureId };
    const deeds = ids.map(
      (id) => ({ action: 'CallMentionErased', kind: 'QueueEntry', id, details }) as const,
    );
    return audit(tx, ctx, { ...scope, userId: requestedBy }, ctx.clock.now(), ...deeds);
  });
  await eraseInAnswers(ctx, scope, eraser);
}
