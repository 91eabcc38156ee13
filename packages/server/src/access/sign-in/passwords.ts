import { PASSWORD_LENGTH } from '@colloquy/wire';
import { Fault } from '../../kernel/fault.ts';

/** Argon2id as OWASP recommends it. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Each takes 19 MiB and a thread that files and names of hosts wait for too. */
const AT_ONCE = 4;
const MAX_WAITING = 64;

const waiting: (() => void)[] = [];
let running = 0;
let dummy: Promise<string> | null = null;

// Loaded when somebody signs in: most servers are asked by programs alone.
const argon2 = () => import('@node-rs/argon2');

/** A hash in the form of PHC. INVALID_REQUEST where the password is too short or too long. */
export function hashPassword(path: string, password: string): Promise<string> {
  const { least, most } = PASSWORD_LENGTH;
  const length = [...password].length;
  if (length < least || length > most) {
    throw new Fault('INVALID_REQUEST', `${path} must have ${least} to ${most} characters.`);
  }
  return inTurn(async () => (await argon2()).hash(password, OPTIONS));
}

/** Whether the password is the one of the hash; without one it takes as long, and is not. */
export async function isPassword(password: string, passwordHash: string | null): Promise<boolean> {
  dummy ??= inTurn(async () => (await argon2()).hash('nobody', OPTIONS)).catch((error: unknown) => {
    dummy = null;
    throw error;
  });
  const against = passwordHash ?? (await dummy);
  const isRight = await inTurn(async () => (await argon2()).verify(against, password));
  return isRight && passwordHash !== null;
}

/** Runs a few at once. UNAVAILABLE where too many wait already. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MAX_WAITING) {
      throw new Fault('UNAVAILABLE', 'Too many people sign in at once; try again shortly.', {
        retryAfterSeconds: 1,
      });
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    // The turn goes to whoever waits longest.
    if (next) next();
    else running -= 1;
  }
}
