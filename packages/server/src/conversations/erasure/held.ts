import type { Scope } from '../../access/authorization/scope.ts';
import { findHoldsOn, type Holdable, lockHolds } from '../../holds/store.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Tx } from '../../kernel/postgres/database.ts';

/** Throws CONFLICT if a legal hold matches the conversation. New holds wait until the transaction ends. */
export async function refuseHeld(tx: Tx, scope: Scope, conversation: Holdable): Promise<void> {
  await lockHolds(tx, scope, 'share');
  const holds = await findHoldsOn(tx, scope, [conversation]);
  if (holds.length === 0) return;
  const names = holds.map(({ id, name }) => `"${name}" (${id})`).join(', ');
  const [held, them] = holds.length === 1 ? ['legal hold', 'it is'] : ['legal holds', 'they are'];
  const message = `The ${held} ${names} keeps this conversation as it is until ${them} lifted.`;
  throw new Fault('CONFLICT', message);
}
