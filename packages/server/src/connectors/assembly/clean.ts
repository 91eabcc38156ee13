const MAX_DEPTH = 24;

/** What `PutConversation` accepts: whole characters without NUL, cut after `maxLength`. */
export function cleanText(text: string, maxLength: number = Number.POSITIVE_INFINITY): string {
  const whole = text.replaceAll('\0', '\uFFFD').toWellFormed();
  return whole.length <= maxLength ? whole : whole.slice(0, maxLength).toWellFormed();
}

/** Cut after so many UTF-8 bytes. */
export function cutText(text: string, maxBytes: number): string {
  const whole = cleanText(text);
  if (whole.length * 3 <= maxBytes || Buffer.byteLength(whole) <= maxBytes) return whole;
  // A cut character decodes to U+FFFD, which may be longer than what it replaces.
  return Buffer.from(whole)
    .subarray(0, maxBytes)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
}

/** Values that are nested deeper become their JSON text. */
export function cleanJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (depth >= MAX_DEPTH) return cleanText(JSON.stringify(value));
  if (Array.isArray(value)) return value.map((item) => cleanJson(item, depth + 1));
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(
    entries.map(([key, item]) => [cleanText(key), cleanJson(item, depth + 1)]),
  );
}

/** Null if the JSON text has more bytes. */
export function boundJson(value: unknown, maxBytes: number): unknown {
  const clean = cleanJson(value);
  return Buffer.byteLength(JSON.stringify(clean)) <= maxBytes ? clean : null;
}

/** Other characters become `_`. */
export function cleanParticipantId(id: string): string {
  const clean = id.replaceAll(/[^A-Za-z0-9_.:+@-]/g, '_').slice(0, 128);
  return /^(\.{0,2}|_mixed)$/.test(clean) ? `_${clean}_` : clean;
}
