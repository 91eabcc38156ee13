export interface SigningWindow {
  /** In milliseconds since 1970; now or earlier. */
  readonly signedAt: number;
  readonly expiresAt: number;
}

/** Equal for half of `ttlSeconds`, so URLs are too. Multiples of `grain` milliseconds. */
export function signingWindow(now: number, ttlSeconds: number, grain = 1): SigningWindow {
  const ttl = ttlSeconds * 1000;
  const half = Math.max(grain, Math.floor(ttl / 2 / grain) * grain);
  const signedAt = Math.floor(now / half) * half;
  return { signedAt, expiresAt: signedAt + ttl };
}
