export interface SigningWindow {
  /** When a URL counts as signed, in milliseconds since 1970: now, or a while ago. */
  readonly signedAt: number;
  readonly expiresAt: number;
}

/**
 * From when to when a URL works that is handed out now. It is the same for half of `ttlSeconds`, so that
 * the URLs of that time are the same, and never ends later than `ttlSeconds` from now. Instants are
 * multiples of `grain` milliseconds.
 */
export function signingWindow(now: number, ttlSeconds: number, grain = 1): SigningWindow {
  const ttl = ttlSeconds * 1000;
  const half = Math.max(grain, Math.floor(ttl / 2 / grain) * grain);
  const signedAt = Math.floor(now / half) * half;
  return { signedAt, expiresAt: signedAt + ttl };
}
