import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { endSessionsOf } from '../sign-in/account-store.ts';
import { firstAdmin, getUser, insertUser, type User, updateUser } from '../store.ts';
import { requireOrdinaryEmail } from './reserved-email.ts';

/** Faults: CONFLICT if the e-mail address is taken, ignoring case; INVALID_REQUEST. */
export async function createUser(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  { email, name, isAdmin }: Pick<User, 'email' | 'name' | 'isAdmin'>,
): Promise<User> {
  const now = clock.now();
  const userId = newId('user', now);
  requireOrdinaryEmail(email);
  const isEmailProven = true;
  const user = await insertUser(db, {
    userId,
    email,
    name,
    isAdmin,
    isEmailProven,
    createdAt: now,
  });
  if (user) return user;
  throw new Fault(
    'CONFLICT',
    `A user with the Email ${email} already exists; choose another address.`,
  );
}

export interface UserChange {
  readonly name: string | null;
  readonly isDisabled: boolean | null;
  readonly isAdmin: boolean | null;
}

/** Faults: NOT_FOUND; CONFLICT if no enabled admin would be left. */
export function changeUser(authorizer: Authorizer, userId: string, change: UserChange) {
  return authorizer.change(async (tx) => {
    const before = await getUser(tx, userId);
    if (!before) throw noSuchUser(userId);
    const after = {
      userId,
      name: change.name ?? before.name,
      isDisabled: change.isDisabled ?? before.isDisabled,
      isAdmin: change.isAdmin ?? before.isAdmin,
    };
    const stopsBeingAdmin = isEnabledAdmin(before) && !isEnabledAdmin(after);
    if (stopsBeingAdmin && !(await firstAdmin(tx, userId))) {
      throw new Fault(
        'CONFLICT',
        'This is the last enabled admin; make another user an admin first.',
      );
    }
    const user = await updateUser(tx, after);
    // Sessions of a disabled user were kept to report USER_DISABLED. They must not become valid again.
    if (before.isDisabled && !after.isDisabled) await endSessionsOf(tx, userId, null);
    if (!user) throw noSuchUser(userId);
    return user;
  });
}

const isEnabledAdmin = (user: Pick<User, 'isAdmin' | 'isDisabled'>) =>
  user.isAdmin && !user.isDisabled;

const noSuchUser = (userId: string) => new Fault('NOT_FOUND', `There is no user ${userId}.`);
