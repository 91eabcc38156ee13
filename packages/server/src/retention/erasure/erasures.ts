import { readPhoneNumber } from '@colloquy/phone-numbers';
import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { type Erasure, findErasure, insertErasure } from './erasure-store.ts';
import { type Person, withoutPerson } from './person.ts';

export type ErasureRequest = Person & Pick<Erasure, 'mode' | 'reason' | 'includesMentions'>;

/** Returns the id of the erasure. INVALID_REQUEST. */
export async function requestErasure(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  scope: Scope,
  request: ErasureRequest,
): Promise<string> {
  const { mode, reason, includesMentions } = request;
  const person = personOf(request);
  const now = ctx.clock.now();
  const id = newId('erasure', now);
  const erasure = {
    id,
    mode,
    // The record must not name the person.
    reason: withoutPerson(reason, person),
    subject: ctx.secrets.encipher(JSON.stringify(person)),
    subjectHash: ctx.secrets.sign('subject', `${scope.businessId} ${JSON.stringify(person)}`),
    requestedAt: now,
    requestedBy: scope.userId,
    includesMentions,
  };
  await ctx.db.transaction(async (tx) => {
    await insertErasure(tx, scope, erasure);
    const subject = { kind: 'Erasure', id, details: { Mode: mode } } as const;
    await audit(tx, ctx, { ...scope, now }, { action: 'ErasureRequested', ...subject });
  });
  return id;
}

/** INVALID_REQUEST. */
export function personOf({ phoneNumber, clientId, includesMentions }: ErasureRequest): Person {
  if ((phoneNumber === null) === (clientId === null)) {
    throw new Fault('INVALID_REQUEST', 'Give either a PhoneNumber or a ClientId.');
  }
  if (phoneNumber === null) {
    if (!includesMentions) return { phoneNumber: null, clientId };
    const message = 'IncludeMentions needs a PhoneNumber; texts are not searched for a ClientId.';
    throw new Fault('INVALID_REQUEST', message);
  }
  const reading = readPhoneNumber(phoneNumber, null);
  if ('e164' in reading) return { phoneNumber: reading.e164, clientId: null };
  throw new Fault('INVALID_REQUEST', `PhoneNumber: ${reading.message}`);
}

export async function getErasure(ctx: Pick<Context, 'db'>, scope: Scope, id: string) {
  const erasure = await findErasure(ctx.db, scope, id);
  if (!erasure) throw new Fault('NOT_FOUND', 'There is no such erasure in this business.');
  return erasure;
}
