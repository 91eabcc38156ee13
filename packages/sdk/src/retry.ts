/** The longest that the server can make a request wait before it is sent again. */
const MAX_WAIT = 30_000;

/** How long to wait before the attempt after `attempt` (from 0), in milliseconds. */
export function waitBefore(attempt: number, response: Response | null): number {
  return (response && retryAfter(response)) ?? backoff(attempt);
}

/** Seconds, or a date (RFC 9110, section 10.2.3); in milliseconds. */
function retryAfter(response: Response): number | null {
  const text = response.headers.get('retry-after');
  if (text === null) return null;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(milliseconds) ? null : Math.min(Math.max(milliseconds, 0), MAX_WAIT);
}

/** Doubles from 200 ms, with half of it by chance, so that clients do not come back together. */
function backoff(attempt: number): number {
  return Math.min(200 * 2 ** attempt, MAX_WAIT) * (0.5 + Math.random() / 2);
}

/** Resolves after a time; rejects with the reason of the signal as soon as it is aborted. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    // A signal that is aborted already tells nobody any more.
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
