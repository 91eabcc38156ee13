import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import {
  countFailure,
  findLockedUntil,
  forgetFailures,
  type LockOutRules,
  takeBackFailure,
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

/** Lets an address in at once again: whoever has it has shown that by a link. */
export async function endLockOut(
  { db, secrets }: Pick<Context, 'db' | 'secrets'>,
  email: string,
): Promise<void> {
  await forgetFailures(db, hashOf(secrets, email));
}

/**
 * Does `check` for an address, unless too much failed for it of late, on whatever node. What is under
 * way counts as a failure, so that many guesses at once are no more than as many one by one.
 * Faults: RATE_LIMITED; SIGN_IN_FAILED where `check` gives null.
 */
export async function underLockOut<T>(
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
    await takeBackFailure(db, emailHash, RULES);
    throw error;
  }
  if (passed === null) {
    throw wrongPassword();
  }
  await forgetFailures(db, emailHash);
  return passed;
}
