export interface SigningWindow {
  /** In milliseconds since 1970; now or earlier. */
  readonly signedAt: number;
  readonly expiresAt: number;
}

/**
 * The validity of a URL that is signed now. Constant for half of `ttlSeconds`, so URLs of that time are
 * identical; never ends later than `ttlSeconds` from now. Instants are multiples of `grain` milliseconds.
 */
export function signingWindow(now: number, ttlSeconds: number, grain = 1): SigningWindow {
  const ttl = ttlSeconds * 1000;
  const half = Math.max(grain, Math.floor(ttl / 2 / grain) * grain);
  const signedAt = Math.floor(now / half) * half;
  return { signedAt, expiresAt: signedAt + ttl };
}
