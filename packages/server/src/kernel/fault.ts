import type { Code } from '@colloquy/wire';
import { isFullDisk } from './full-disk.ts';

/** The only error whose message clients see: no SQL, paths or data of others. `cause` is logged. */
export class Fault extends Error {
  readonly code: Code;
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

export function unavailable(service: string, cause: unknown): Fault {
  const message = isFullDisk(cause)
    ? `${service} is full: its disk has no space left; free some, then try again.`
    : `${service} does not answer at the moment; try again shortly.`;
  return new Fault('UNAVAILABLE', message, { cause, retryAfterSeconds: 1 });
}
