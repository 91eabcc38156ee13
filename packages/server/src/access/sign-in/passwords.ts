import { PASSWORD_LENGTH } from '@colloquy/wire';
import pLimit from 'p-limit';
import { Fault } from '../../kernel/fault.ts';
import { lazy } from '../../kernel/lazy.ts';

/** Argon2id as OWASP recommends it. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Each hash takes 19 MiB and a thread of libuv's pool, which file access and DNS need too. */
const MAX_CONCURRENT = 4;
const MAX_WAITING = 64;

const limit = pLimit(MAX_CONCURRENT);

// Loaded at the first sign-in, because most servers only get requests with keys.
const argon2 = () => import('@node-rs/argon2');
const dummyHash = lazy(() => runLimited(async () => (await argon2()).hash('nobody', OPTIONS)));

/** PHC string format. Faults: INVALID_REQUEST, UNAVAILABLE. */
export function hashPassword(path: string, password: string): Promise<string> {
  const { least, most } = PASSWORD_LENGTH;
  const length = [...password].length;
  if (length < least || length > most) {
    throw new Fault('INVALID_REQUEST', `${path} must have ${least} to ${most} characters.`);
  }
  return runLimited(async () => (await argon2()).hash(password, OPTIONS));
}

/** Takes the same time without a hash, to hide whether the user exists. */
export async function isPassword(password: string, passwordHash: string | null): Promise<boolean> {
  // Started for every attempt, so the first one without a hash does not take longer.
  const dummy = dummyHash();
  dummy.catch(() => undefined);
  const against = passwordHash ?? (await dummy);
  const isRight = await runLimited(async () => (await argon2()).verify(against, password));
  return isRight && passwordHash !== null;
}

/** Fault: UNAVAILABLE if too many calls wait. */
async function runLimited<T>(work: () => Promise<T>): Promise<T> {
  if (limit.pendingCount >= MAX_WAITING) {
    throw new Fault('UNAVAILABLE', 'Too many people sign in at once; try again shortly.', {
      retryAfterSeconds: 1,
    });
  }
  return limit(work);
}
