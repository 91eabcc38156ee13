import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import { forgetDeliveredTexts } from '../../changes/pending-store.ts';
import {
  eraseInAnswers,
  eraseInCallers,
  eraseInCalls,
  type NumberEraser,
} from '../../queues/erasure/erase-number.ts';
import { spellingsOf } from '../../redaction/number-spellings.ts';
import { mapJson } from '../../redaction/text/map-json.ts';
import { idHash } from '../../tombstones/tombstone-store.ts';
import type { ErasureContext } from './erasure-context.ts';
import type { Erasure } from './erasure-store.ts';
import { numberEraser } from './number-test.ts';
import type { Person } from './person.ts';

const LAST_DIGITS = 4;

/** Replaces a number in callers of other calls and in stored answers; with mentions, in all texts. */
export async function eraseInQueues(
  ctx: ErasureContext,
  scope: Scope,
  { id: erasureId, requestedBy, includesMentions }: Erasure,
  { phoneNumber }: Person,
): Promise<void> {
  if (phoneNumber === null) return;
  const { replace, replaceAcross, replaceInGroups } = spellingsOf(phoneNumber);
  const map = Object.assign((text: string) => replace(text), {
    array: replaceAcross,
    objects: replaceInGroups,
  });
  const eraser: NumberEraser = {
    digits: phoneNumber.slice(-LAST_DIGITS),
    inCaller: numberEraser(phoneNumber),
    inText: replace,
    inJson(json) {
      const value: unknown = JSON.parse(json);
      const replaced = JSON.stringify(mapJson(value, map));
      return replaced === JSON.stringify(value) ? json : replaced;
    },
    async note(tx, ids) {
      const hashes = ids.map((id) => idHash(ctx.secrets, scope.businessId, 'call', id));
      await forgetDeliveredTexts(tx, scope, hashes);
      const details = { ErasureId: erasureId };
      const events = ids.map(
        (id) => ({ action: 'CallMentionErased', kind: 'QueueEntry', id, details }) as const,
      );
      await audit(tx, ctx, { ...scope, userId: requestedBy, now: ctx.clock.now() }, ...events);
    },
  };
  await eraseInCallers(ctx, scope, eraser);
  if (includesMentions) {
    await eraseInCalls(ctx, scope, 'outbound', eraser);
    await eraseInCalls(ctx, scope, 'inbound', eraser);
  }
  await eraseInAnswers(ctx, scope, eraser);
}
