import { ColloquyError, ConnectionError } from '@colloquy/sdk';

/** The user sees the message. */
export class UsageError extends Error {}

/** The user sees the message. */
export class UnfinishedError extends Error {}

export function failureSentence(error: unknown): string {
  if (error instanceof ColloquyError) return refusalSentence(error);
  if (error instanceof ConnectionError) {
    const cause = rootCause(error);
    return `${error.message} (${cause}) Start a server with npm start, or set COLLOQUY_URL to the URL of your server.`;
  }
  if (error instanceof UsageError || error instanceof UnfinishedError) return error.message;
  if (error instanceof Error && 'errno' in error) return error.message;
  if (error instanceof TypeError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function refusalSentence({ status, message, code, requestId }: ColloquyError): string {
  if (status === 401) {
    return `The server does not accept this API key; set COLLOQUY_KEY to a valid one. (${code})`;
  }
  const request = status >= 500 && requestId !== null ? `, request ${requestId}` : '';
  return `${message} (${code}${request})`;
}

function rootCause(error: Error): string {
  let root: Error = error;
  while (root.cause instanceof Error) root = root.cause;
  const code = 'code' in root ? String(root.code) : '';
  return code === '' ? root.message : code;
}
