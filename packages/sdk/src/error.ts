import type { Code } from '@colloquy/wire';

/** What the server answered instead of a result. */
export class ColloquyError extends Error {
  /** `<Operation>:<REASON>`, such as `GetConversation:NOT_FOUND`. */
  readonly code: string;
  /** The part of `code` that tells what is wrong. */
  readonly reason: Code | 'UNEXPECTED_ANSWER';
  /** The HTTP status. */
  readonly status: number;
  readonly requestId: string | null;

  constructor(answer: {
    code: string;
    message: string;
    status: number;
    requestId: string | null;
  }) {
    super(answer.message);
    this.name = 'ColloquyError';
    this.code = answer.code;
    this.reason = (answer.code.split(':')[1] ?? 'UNEXPECTED_ANSWER') as Code | 'UNEXPECTED_ANSWER';
    this.status = answer.status;
    this.requestId = answer.requestId;
  }
}

/** There was no answer, or no whole one; `cause` is what the platform said. */
export class ConnectionError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'ConnectionError';
  }
}
