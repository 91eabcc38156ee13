import type { ServerResponse } from 'node:http';
import type { Caller, Scope, SignedIn } from '../../access/authorization/scope.ts';
import type { Share } from '../../kernel/fair-share/fair-share.ts';
import type { RequestParts } from '../input/read-request.ts';

type AnyScope = Caller | Scope | SignedIn | null;

export interface CallAccess {
  authorize(): Promise<AnyScope>;
  isOutdated(): boolean;
  share(): Share;
}

/** A class, so an unused `signal` costs nothing. */
export class ReceivedCall implements RequestParts {
  readonly scope: AnyScope;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly largeParts: unknown;
  readonly csv: unknown;
  readonly idempotencyKey: string | null;
  readonly ifNoneMatch: string | null;
  readonly #response: ServerResponse;
  readonly #access: CallAccess;
  #signal: AbortSignal | null = null;

  constructor(scope: AnyScope, parts: RequestParts, response: ServerResponse, access: CallAccess) {
    this.scope = scope;
    this.params = parts.params;
    this.query = parts.query;
    this.body = parts.body;
    this.largeParts = parts.largeParts;
    this.csv = parts.csv;
    this.idempotencyKey = parts.idempotencyKey;
    this.ifNoneMatch = parts.ifNoneMatch;
    this.#response = response;
    this.#access = access;
  }

  get share(): Share {
    return this.#access.share();
  }

  get signal(): AbortSignal {
    this.#signal ??= disconnectSignal(this.#response);
    return this.#signal;
  }

  authorize(): Promise<AnyScope> {
    return this.#access.authorize();
  }

  isOutdated(): boolean {
    return this.#access.isOutdated();
  }
}

/** Aborted if the connection closes before the whole answer is written. */
export function disconnectSignal(response: ServerResponse, reason?: Error): AbortSignal {
  const disconnected = new AbortController();
  const abortIfUnfinished = () => {
    if (!response.writableFinished) disconnected.abort(reason);
  };
  if (response.destroyed) abortIfUnfinished();
  else response.once('close', abortIfUnfinished);
  return disconnected.signal;
}
