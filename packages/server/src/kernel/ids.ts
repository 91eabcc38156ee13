import { randomBytes } from 'node:crypto';

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const RANDOM_BITS = 80n;

let last = { now: Number.NaN, random: 0n };

/** 48 bits of time, 80 random bits, in Crockford's base 32; sorts by creation within a process. */
export function newId(prefix: string, now: number): string {
  last = { now, random: now === last.now ? last.random + 1n : freshRandom() };
  let rest = (BigInt(Math.max(0, Math.trunc(now))) << RANDOM_BITS) | last.random;
  let text = '';
  for (let digit = 0; digit < 26; digit++) {
    text = DIGITS.charAt(Number(rest & 31n)) + text;
    rest >>= 5n;
  }
  return `${prefix}_${text}`;
}

/** One bit shorter, so incrementing never overflows into the time. */
function freshRandom(): bigint {
  return BigInt(`0x${randomBytes(10).toString('hex')}`) >> 1n;
}
