import type { Code } from '@colloquy/wire';

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

/** The database or the object store does not answer. */
export function unavailable(what: string, cause: unknown): Fault {
  return new Fault('UNAVAILABLE', `${what} does not answer at the moment; try again shortly.`, {
    cause,
    retryAfterSeconds: 1,
  });
}
