import type { ServerResponse } from 'node:http';
import type { Caller, Scope, SignedIn } from '../access/scope.ts';
import type { RequestParts } from './read-request.ts';

/** What a handler is given. A class, so that `signal` costs a request nothing that does not ask. */
export class ReceivedCall implements RequestParts {
  readonly scope: Caller | Scope | SignedIn | null;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly csv: unknown;
  readonly idempotencyKey: string | null;
  readonly #response: ServerResponse;
  #signal: AbortSignal | null = null;

  constructor(
    scope: Caller | Scope | SignedIn | null,
    parts: RequestParts,
    response: ServerResponse,
  ) {
    this.scope = scope;
    this.params = parts.params;
    this.query = parts.query;
    this.body = parts.body;
    this.csv = parts.csv;
    this.idempotencyKey = parts.idempotencyKey;
    this.#response = response;
  }

  get signal(): AbortSignal {
    this.#signal ??= goneSignal(this.#response);
    return this.#signal;
  }
}

/** Aborted when the connection is gone before the whole answer was handed to it. */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const look = () => {
    if (!response.writableFinished) gone.abort();
  };
  if (response.destroyed) look();
  else response.once('close', look);
  return gone.signal;
}
