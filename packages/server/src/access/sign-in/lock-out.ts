import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { clearFailures, countFailure, findLockedUntil, undoFailure } from './lock-out-store.ts';

export const wrongPassword = () =>
  new Fault('SIGN_IN_FAILED', 'The e-mail address or the password is wrong.');

const hashOf = (secrets: Context['secrets'], email: string) =>
  secrets.sign('sign-in', email.toLowerCase());

/** After a link has proven that the user owns the address. */
export async function endLockOut({ db, secrets }: Pick<Context, 'db' | 'secrets'>, email: string) {
  await clearFailures(db, hashOf(secrets, email));
}

/** A running attempt counts as failed, so concurrent guesses are limited. Fault: RATE_LIMITED. */
export async function withLockOut<T>(
  { db, clock, secrets }: Pick<Context, 'db' | 'clock' | 'secrets'>,
  email: string,
  check: () => Promise<T | null>,
): Promise<T> {
  const emailHash = hashOf(secrets, email);
  const now = clock.now();
  if (!(await countFailure(db, emailHash, now))) {
    const lockedUntil = (await findLockedUntil(db, emailHash)) ?? now;
    const seconds = Math.max(1, Math.ceil((lockedUntil - now) / 1000));
    throw new Fault('RATE_LIMITED', `Too many attempts to sign in; try again in ${seconds} s.`, {
      retryAfterSeconds: seconds,
    });
  }
  let passed: T | null;
  try {
    passed = await check();
  } catch (error) {
    await undoFailure(db, emailHash);
    throw error;
  }
  if (passed === null) throw wrongPassword();
  await clearFailures(db, emailHash);
  return passed;
}
