import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const digestOf = (value: string | Buffer) => createHash('sha256').update(value).digest();

/** In constant time, also if the lengths differ. */
export const isSame = (given: string | Buffer, expected: string | Buffer): boolean =>
  timingSafeEqual(digestOf(given), digestOf(expected));

export function hmac(
  algorithm: string,
  key: string | Buffer,
  ...parts: readonly (string | Buffer)[]
): Buffer {
  const mac = createHmac(algorithm, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}
