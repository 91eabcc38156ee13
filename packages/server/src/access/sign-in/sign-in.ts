import { Fault } from '../../kernel/fault.ts';
import type { Session, SignedIn } from '../authorization/scope.ts';
import {
  endSessionsOf,
  findPerson,
  findPersonByEmail,
  type Person,
  putPassword,
} from './account-store.ts';
import type { SignInContext } from './library.ts';
import { useLinksOf } from './link-store.ts';
import { withLockOut } from './lock-out.ts';
import { hashPassword, isPassword } from './passwords.ts';

/** Faults: RATE_LIMITED, SIGN_IN_FAILED, USER_DISABLED. */
export async function checkPassword(ctx: SignInContext, email: string, password: string) {
  const person = await findPersonByEmail(ctx.db, email);
  // Uses the stored spelling of the address, so other spellings give no additional attempts.
  const checked = await withLockOut(ctx, person?.email ?? email, async () => {
    const isRight = await isPassword(password, person?.passwordHash ?? null);
    return isRight && person && hasPassword(person) ? person : null;
  });
  requireEnabled(checked);
  return checked;
}

export type PersonWithPassword = Person & { readonly passwordHash: string };

const hasPassword = (person: Person): person is PersonWithPassword => person.passwordHash !== null;

export function requireEnabled({ isDisabled }: Pick<Person, 'isDisabled'>): void {
  if (isDisabled) {
    throw new Fault('USER_DISABLED', 'Your user is disabled; ask an admin to enable it.');
  }
}

/** Ends other sessions and links. Faults: PERMISSION_DENIED with a key; SIGN_IN_FAILED. */
export async function changePassword(
  ctx: SignInContext,
  caller: SignedIn,
  current: string | null,
  newPassword: string,
): Promise<Session> {
  const session = requireSession(caller);
  const person = await findPerson(ctx.db, caller.userId);
  if (!person) throw new Error(`user ${caller.userId} does not exist`);
  const { userId, passwordHash: before } = person;
  if (before !== null) {
    // Separate from the attempts for the address, which anyone can use up.
    const attempts = `user ${userId}`;
    await withLockOut(ctx, attempts, async () => (await isPassword(current ?? '', before)) || null);
  }
  const passwordHash = await hashPassword('NewPassword', newPassword);
  const now = ctx.clock.now();
  await ctx.db.transaction(async (tx) => {
    await putPassword(tx, userId, passwordHash, now);
    await endSessionsOf(tx, userId, session.sessionId);
    await useLinksOf(tx, userId, now);
  });
  return session;
}

export function requireSession({ session }: SignedIn): Session {
  if (session) return session;
  throw new Fault('PERMISSION_DENIED', 'A key cannot do this; sign in instead.');
}
