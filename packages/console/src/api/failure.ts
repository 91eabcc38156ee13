import { ColloquyError, ConnectionError } from '@colloquy/sdk';

export function failureMessage(error: unknown): string {
  if (error instanceof ColloquyError) return error.message;
  if (error instanceof ConnectionError) {
    return 'The server is not responding. Check your connection; what you see may be out of date.';
  }
  return error instanceof Error ? error.message : 'Something went wrong.';
}

/** The request id to look for in the server's log; null if the error is not the server's. */
export function requestIdOf(error: unknown): string | null {
  return error instanceof ColloquyError && error.status >= 500 ? error.requestId : null;
}

export const hasReason = (error: unknown, ...reasons: readonly string[]): boolean =>
  error instanceof ColloquyError && reasons.includes(error.reason);

export const isForbidden = (error: unknown): boolean =>
  error instanceof ColloquyError && error.status === 403;

export const isTransient = (error: unknown): boolean =>
  error instanceof ConnectionError || (error instanceof ColloquyError && error.status === 503);

export const isSignedOut = (error: unknown): boolean =>
  error instanceof ColloquyError && error.status === 401 && error.reason !== 'SIGN_IN_FAILED';
