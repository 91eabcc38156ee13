import { ColloquyError, ConnectionError } from '@colloquy/sdk';

/** The sentence that tells a person what went wrong. */
export function failureMessage(error: unknown): string {
  if (error instanceof ColloquyError) return error.message;
  if (error instanceof ConnectionError) {
    return 'The server is not responding. Check your connection; what you see may be out of date.';
  }
  return error instanceof Error ? error.message : 'Something went wrong.';
}

/** What to tell whoever runs the server, so that they find the request in its log; null where it is not their matter. */
export function requestOf(error: unknown): string | null {
  return error instanceof ColloquyError && error.status >= 500 ? error.requestId : null;
}

export const hasReason = (error: unknown, ...reasons: readonly string[]): boolean =>
  error instanceof ColloquyError && reasons.includes(error.reason);

/** Whoever asks may not see it, or not any more. */
export const isRefused = (error: unknown): boolean =>
  error instanceof ColloquyError && error.status === 403;

/** What may be over in a moment. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ConnectionError || (error instanceof ColloquyError && error.status === 503);

/** Nobody is signed in, or not any more. */
export const isSignedOut = (error: unknown): boolean =>
  error instanceof ColloquyError && error.status === 401 && error.reason !== 'SIGN_IN_FAILED';
