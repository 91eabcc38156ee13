import { ColloquyError, ConnectionError } from '@colloquy/sdk';

/** A command line that cannot be carried out; its message is the sentence that the user reads. */
export class UsageError extends Error {}

/** Work that broke off half-way; its message is the sentence that the user reads. */
export class UnfinishedError extends Error {}

/** What went wrong in one sentence, and what to do where that is known. */
export function failureSentence(error: unknown): string {
  if (error instanceof ColloquyError) return refusalSentence(error);
  if (error instanceof ConnectionError) {
    const why = lowestCause(error);
    return `${error.message} (${why}) Start one with npm start, or set COLLOQUY_URL to where it is.`;
  }
  if (error instanceof UsageError || error instanceof UnfinishedError) return error.message;
  // A file that is not there, or packed badly.
  if (error instanceof Error && 'errno' in error) return error.message;
  // The client refuses what no URL can carry.
  if (error instanceof TypeError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function refusalSentence({ status, message, code, requestId }: ColloquyError): string {
  if (status === 401) {
    return `The server does not take this API key; set COLLOQUY_KEY to one that is valid. (${code})`;
  }
  const request = status >= 500 && requestId !== null ? `, request ${requestId}` : '';
  return `${message} (${code}${request})`;
}

/** fetch hides what happened below two or three layers. */
function lowestCause(error: Error): string {
  let lowest: Error = error;
  while (lowest.cause instanceof Error) lowest = lowest.cause;
  const code = 'code' in lowest ? String(lowest.code) : '';
  return code === '' ? lowest.message : code;
}
