import { readPhoneNumber } from '@colloquy/phone-numbers';
import { audit } from '../access/audit/pending-store.ts';
import type { Scope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import { Fault } from '../base/fault.ts';
import { newId } from '../base/ids.ts';
import { type Erasure, findErasure, insertErasure, type Mode } from './erasure-store.ts';
import type { Person } from './person.ts';

export interface ErasureRequest {
  readonly phoneNumber: string | null;
  readonly clientId: string | null;
  readonly mode: Mode;
  readonly reason: string;
}

/** Has a person erased by a job; gives the id under which it can be followed. INVALID_REQUEST. */
export async function requestErasure(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  scope: Scope,
  { phoneNumber, clientId, mode, reason }: ErasureRequest,
): Promise<string> {
  const person = personOf(phoneNumber, clientId);
  const now = ctx.clock.now();
  const id = newId('erasure', now);
  const names = [person.phoneNumber, phoneNumber, person.phoneNumber?.slice(1), clientId];
  const erasure = {
    id,
    mode,
    reason: without(reason, names),
    subject: ctx.secrets.encipher(JSON.stringify(person)),
    subjectHash: ctx.secrets.sign('subject', `${scope.businessId} ${JSON.stringify(person)}`),
    requestedAt: now,
    requestedBy: scope.userId,
  };
  await ctx.db.transaction(async (tx) => {
    await insertErasure(tx, scope, erasure);
    await audit(tx, ctx, scope, now, {
      action: 'ErasureRequested',
      kind: 'Erasure',
      id,
      details: { Mode: mode },
    });
  });
  return id;
}

/** INVALID_REQUEST. */
export function personOf(phoneNumber: string | null, clientId: string | null): Person {
  if ((phoneNumber === null) === (clientId === null)) {
    throw new Fault('INVALID_REQUEST', 'Give either a PhoneNumber or a ClientId.');
  }
  if (phoneNumber === null) return { phoneNumber: null, clientId };
  const reading = readPhoneNumber(phoneNumber, null);
  if ('e164' in reading) return { phoneNumber: reading.e164, clientId: null };
  throw new Fault('INVALID_REQUEST', `PhoneNumber: ${reading.message}`);
}

/** The record of an erasure must not name whom it erased. */
function without(reason: string, names: readonly (string | null | undefined)[]): string {
  return names.reduce<string>(
    (text, name) => (name ? text.replaceAll(name, '[erased]') : text),
    reason,
  );
}

/** NOT_FOUND. */
export async function getErasure(
  ctx: Pick<Context, 'db'>,
  scope: Scope,
  id: string,
): Promise<Erasure> {
  const erasure = await findErasure(ctx.db, scope, id);
  if (!erasure) throw new Fault('NOT_FOUND', 'There is no such erasure in this business.');
  return erasure;
}
