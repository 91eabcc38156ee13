import type { ServerResponse } from 'node:http';
import type { Caller, Scope, SignedIn } from '../../access/authorization/scope.ts';
import type { Share } from '../../kernel/fair-share/fair-share.ts';
import type { RequestParts } from '../input/read-request.ts';

type AnyScope = Caller | Scope | SignedIn | null;

/** What a request may do by now, and what it may take; see `Call`. */
export interface Access {
  authorize(): Promise<AnyScope>;
  isOutdated(): boolean;
  /** For large work; opened when it is asked for. */
  share(): Share;
}

/** What a handler is given. A class, so that `signal` costs a request nothing that does not ask. */
export class ReceivedCall implements RequestParts {
  readonly scope: AnyScope;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly largeParts: unknown;
  readonly csv: unknown;
  readonly idempotencyKey: string | null;
  readonly #response: ServerResponse;
  readonly #access: Access;
  #signal: AbortSignal | null = null;

  constructor(scope: AnyScope, parts: RequestParts, response: ServerResponse, access: Access) {
    this.scope = scope;
    this.params = parts.params;
    this.query = parts.query;
    this.body = parts.body;
    this.largeParts = parts.largeParts;
    this.csv = parts.csv;
    this.idempotencyKey = parts.idempotencyKey;
    this.#response = response;
    this.#access = access;
  }

  get share(): Share {
    return this.#access.share();
  }

  get signal(): AbortSignal {
    this.#signal ??= goneSignal(this.#response);
    return this.#signal;
  }

  authorize(): Promise<AnyScope> {
    return this.#access.authorize();
  }

  isOutdated(): boolean {
    return this.#access.isOutdated();
  }
}

/** Aborted when the connection is gone before the whole answer was handed to it. */
export function goneSignal(response: ServerResponse, reason?: Error): AbortSignal {
  const gone = new AbortController();
  const look = () => {
    if (!response.writableFinished) gone.abort(reason);
  };
  if (response.destroyed) look();
  else response.once('close', look);
  return gone.signal;
}
