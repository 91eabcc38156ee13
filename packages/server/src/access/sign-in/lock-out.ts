import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import {
  clearFailures,
  countFailure,
  findLockedUntil,
  type LockOutRules,
  undoFailure,
} from './lock-out-store.ts';

const RULES: LockOutRules = {
  free: 5,
  forgottenAfterSeconds: 15 * 60,
  firstWaitSeconds: 60,
  longestWaitSeconds: 60 * 60,
};

export const wrongPassword = () =>
  new Fault('SIGN_IN_FAILED', 'The e-mail address or the password is wrong.');

const hashOf = (secrets: Context['secrets'], email: string) =>
  secrets.sign('sign-in', email.toLowerCase());

/** Ends the lockout of an address whose user has proven to own it by a link. */
export async function endLockOut(
  { db, secrets }: Pick<Context, 'db' | 'secrets'>,
  email: string,
): Promise<void> {
  await clearFailures(db, hashOf(secrets, email));
}

/**
 * Runs `check` unless too many attempts for the address failed recently, on any node. A running attempt
 * counts as a failure, so concurrent guesses are limited like sequential ones. Faults: RATE_LIMITED;
 * SIGN_IN_FAILED if `check` returns null.
 */
export async function withLockOut<T>(
  { db, clock, secrets }: Pick<Context, 'db' | 'clock' | 'secrets'>,
  email: string,
  check: () => Promise<T | null>,
): Promise<T> {
  const emailHash = hashOf(secrets, email);
  const now = clock.now();
  if (!(await countFailure(db, emailHash, now, RULES))) {
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
    await undoFailure(db, emailHash, RULES);
    throw error;
  }
  if (passed === null) {
    throw wrongPassword();
  }
  await clearFailures(db, emailHash);
  return passed;
}
