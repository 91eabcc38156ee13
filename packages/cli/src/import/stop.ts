import { setTimeout } from 'node:timers/promises';
import { ColloquyError, ConnectionError } from '@colloquy/sdk';

/** How long a server may be too busy before an import gives up. */
const PATIENCE = 60_000;

/** The user wants the import to end. */
export class Interrupted extends Error {}

/** Whether no further line can fare better. */
export function endsImport(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  if (!(error instanceof ColloquyError)) return false;
  const { status, reason } = error;
  return status === 401 || status === 403 || isBusy(error) || reason === 'UNEXPECTED_ANSWER';
}

/** Asks a busy server for longer than the client does by itself. */
export async function patiently<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const end = Date.now() + PATIENCE;
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
