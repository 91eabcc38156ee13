import type { OpName, OutputOf, ops } from '@colloquy/wire';
import type { Static, TSchema } from 'typebox';
import type { Share } from '../../kernel/fair-share/fair-share.ts';
import type { Caller, Scope, SignedIn } from './scope.ts';

/** A validated request of one operation. */
export interface Call<N extends OpName> {
  readonly scope: ScopeOf<(typeof ops)[N]['permission']>;
  readonly params: Static<(typeof ops)[N]['params']>;
  readonly query: Static<(typeof ops)[N]['query']>;
  readonly body: BodyOf<N>;
  /** The large parts of a body that a thread has read; `body` is without them. null for a small body. */
  readonly largeParts: PartsOf<N> | null;
  /** Rows in place of the JSON body, for an operation that takes them; `body` is `{}` then. */
  readonly csv: CsvBody<N> | null;
  /** Where the operation takes one and the request has one. */
  readonly idempotencyKey: string | null;
  /** For large work: what it takes is given back when the answer has left. */
  readonly share: Share;
  /** Aborted when the client is gone before it was answered. */
  readonly signal: AbortSignal;
  /**
   * Authorizes the request again and returns its scope as it is now, for what takes long. Takes no
   * statement with a key if nothing changed. Faults as for a new request.
   */
  authorize(): Promise<ScopeOf<(typeof ops)[N]['permission']>>;
  /** True if a key has to be authorized again; says nothing of a session, which is never remembered. */
  isOutdated(): boolean;
}

/** By operation, what a thread makes of the large parts of a body. Rooms add theirs. */
// biome-ignore lint/suspicious/noEmptyInterface: rooms add to it
export interface LargeParts {}
type PartsOf<N extends OpName> = N extends keyof LargeParts ? LargeParts[N] : never;

/** Operations below `/business/{businessId}` are given a Scope, those of an admin a Caller. */
type ScopeOf<P> = P extends 'admin'
  ? Caller
  : P extends 'signed-in'
    ? SignedIn
    : P extends 'anyone'
      ? null
      : Scope;

type CsvBody<N extends OpName> = (typeof ops)[N] extends { csv?: { query: infer Query } }
  ? {
      readonly query: Query extends TSchema ? Static<Query> : never;
      /** What the request says of them; null if nothing. */
      readonly charset: 'utf-8' | 'utf-16' | 'utf-16le' | 'utf-16be' | null;
      /** The rows as they arrive; PAYLOAD_TOO_LARGE where they are too many bytes. */
      readonly bytes: AsyncIterable<Uint8Array>;
    }
  : never;

type BodyOf<N extends OpName> = (typeof ops)[N]['body'] extends 'audio'
  ? AudioBody
  : (typeof ops)[N]['body'] extends TSchema
    ? Static<Extract<(typeof ops)[N]['body'], TSchema>>
    : null;

/** The bytes of a recording as they arrive. */
export interface AudioBody {
  /** The Content-Type without its parameters. */
  readonly contentType: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What the handler of an operation answers; of several operations, the answers of each. */
export type Answer<N extends OpName> = N extends OpName
  ? OutputOf<N> extends ReadableStream
    ? Download
    : CheckedData<OutputOf<N>> | UncheckedJson
  : never;

/** `Data` as a value of the operation's output, which the compiler checks. */
export interface CheckedData<Output> {
  readonly status?: 200 | 201;
  readonly data: Output;
  readonly setCookies?: readonly string[];
}

/**
 * `Data` as JSON text, which is sent as it is: the compiler cannot compare it with the operation's output.
 * A large text is in pieces, as text or as its bytes, because joining them takes as long as sending them; a
 * list that is read while it is sent is an iterable of them.
 */
export interface UncheckedJson {
  readonly status?: 200 | 201;
  readonly uncheckedJson: string | JsonPieces | AsyncIterable<string | Uint8Array>;
}
export type JsonPieces = readonly (string | Uint8Array)[];

/** The bytes of an operation that answers a file in place of JSON. */
export interface Download {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly contentType: string;
}

export type Handlers<N extends OpName> = {
  readonly [K in N]: (call: Call<K>) => Promise<Answer<K>>;
};
