const MAX_RETRY_AFTER_MS = 30_000;

export function retryDelay(attempt: number, response: Response | null): number {
  return (response && retryAfter(response)) ?? backoff(attempt);
}

function retryAfter(response: Response): number | null {
  const text = response.headers.get('retry-after');
  if (text === null) return null;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(milliseconds)
    ? null
    : Math.min(Math.max(milliseconds, 0), MAX_RETRY_AFTER_MS);
}

/** Half of it is random, which spreads the retries of many clients. */
function backoff(attempt: number): number {
  return Math.min(200 * 2 ** attempt, MAX_RETRY_AFTER_MS) * (0.5 + Math.random() / 2);
}

export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    // An aborted signal emits no event.
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
