import { setTimeout } from 'node:timers/promises';
import { ColloquyError, ConnectionError } from '@colloquy/sdk';

const MAX_BUSY_MILLISECONDS = 60_000;

/** The user ends the import. */
export class Interrupted extends Error {}

/** All further lines would fail too. */
export function endsImport(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  if (!(error instanceof ColloquyError)) return false;
  const { status, reason } = error;
  return status === 401 || status === 403 || isBusy(error) || reason === 'UNEXPECTED_ANSWER';
}

/** For longer than the client does. */
export async function retryWhileBusy<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const end = Date.now() + MAX_BUSY_MILLISECONDS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isBusy(error) || Date.now() > end) throw error;
      await setTimeout(1000, undefined, { signal });
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof ColloquyError && (error.status === 429 || error.status === 503);
}
