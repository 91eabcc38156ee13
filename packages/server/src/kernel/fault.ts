import type { Code } from '@colloquy/wire';
import { isFullDisk } from './postgres/full-disk.ts';

/**
 * The one error that a client is told about. Its message is a sentence the client reads, so it
 * never holds SQL, a path or another tenant's data; what caused it goes into `cause`, for the log.
 */
export class Fault extends Error {
  readonly code: Code;
  /** For codes that answer with `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: Code,
    message: string,
    options: { cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.name = 'Fault';
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The database or a store does not answer, or its disk is full, which the message says then. */
export function unavailable(what: string, cause: unknown): Fault {
  const message = isFullDisk(cause)
    ? `${what} is full: its disk has no space left; free some, then try again.`
    : `${what} does not answer at the moment; try again shortly.`;
  return new Fault('UNAVAILABLE', message, { cause, retryAfterSeconds: 1 });
}
