import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
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
import { underLockOut } from './lock-out.ts';
import { hashPassword, isPassword } from './passwords.ts';

/** Faults: RATE_LIMITED, SIGN_IN_FAILED, USER_DISABLED. */
export async function checkPassword(
  ctx: SignInContext,
  email: string,
  password: string,
): Promise<PersonWithPassword> {
  const person = await findPersonByEmail(ctx.db, email);
  // The spelling of the user counts where there is one, so that no two spellings have more attempts.
  const checked = await underLockOut(ctx, person?.email ?? email, async () => {
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

/**
 * Ends the user's other sessions, and the links with which a password could be set. Faults: PERMISSION_DENIED with a key; RATE_LIMITED, SIGN_IN_FAILED.
 */
export async function changePassword(
  ctx: SignInContext,
  caller: SignedIn,
  current: string | null,
  wanted: string,
): Promise<Session> {
  const session = requireSession(caller);
  const person = await findPerson(ctx.db, caller.userId);
  if (!person) throw new Error(`user ${caller.userId} is gone`);
  const { userId, passwordHash: before } = person;
  if (before !== null) {
    // Apart from those for the address, which strangers can use up.
    const attempts = `user ${userId}`;
    await underLockOut(
      ctx,
      attempts,
      async () => (await isPassword(current ?? '', before)) || null,
    );
  }
  const passwordHash = await hashPassword('NewPassword', wanted);
  const now = ctx.clock.now();
  await ctx.db.transaction(async (tx) => {
    await putPassword(tx, newId('account', now), userId, passwordHash, now);
    await endSessionsOf(tx, userId, session.sessionId);
    await useLinksOf(tx, userId, now);
  });
  return session;
}

/** What a person does about themselves; a key, which programs hold, is no person. */
export function requireSession({ session }: SignedIn): Session {
  if (session) return session;
  throw new Fault('PERMISSION_DENIED', 'A key cannot do this; sign in instead.');
}
