import type { EventStream, OpName, OutputOf, ops } from '@colloquy/wire';
import type { Static, TSchema } from 'typebox';
import type { Share } from '../../kernel/fair-share/fair-share.ts';
import type { Caller, Scope, SignedIn } from './scope.ts';

export interface Call<N extends OpName> {
  readonly scope: ScopeOf<(typeof ops)[N]['permission']>;
  readonly params: Static<(typeof ops)[N]['params']>;
  readonly query: Static<(typeof ops)[N]['query']>;
  readonly body: BodyOf<N>;
  /** The parts of a large body that a thread has parsed; `body` lacks them. */
  readonly largeParts: PartsOf<N> | null;
  /** Rows instead of a JSON body, for an operation that accepts them; `body` is `{}` then. */
  readonly csv: CsvBody<N> | null;
  readonly idempotencyKey: string | null;
  /** The header, for an operation with an `ETag`. */
  readonly ifNoneMatch: string | null;
  /** Budget for large work; it is released when the answer has been sent. */
  readonly share: Share;
  readonly signal: AbortSignal;
  /** Authorizes a long request again. With a key, takes no statement if nothing changed. */
  authorize(): Promise<ScopeOf<(typeof ops)[N]['permission']>>;
  /** Always false for sessions, which are never cached. */
  isOutdated(): boolean;
}

/** Parsed large parts of a body, by operation. Rooms add theirs. */
// biome-ignore lint/suspicious/noEmptyInterface: rooms add to it
export interface LargeParts {}
type PartsOf<N extends OpName> = N extends keyof LargeParts ? LargeParts[N] : never;

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
      readonly charset: 'utf-8' | 'utf-16' | 'utf-16le' | 'utf-16be' | null;
      /** Fault while reading: PAYLOAD_TOO_LARGE. */
      readonly bytes: AsyncIterable<Uint8Array>;
    }
  : never;

type BodyOf<N extends OpName> = (typeof ops)[N]['body'] extends 'audio'
  ? AudioBody
  : (typeof ops)[N]['body'] extends TSchema
    ? Static<Extract<(typeof ops)[N]['body'], TSchema>>
    : null;

export interface AudioBody {
  readonly contentType: string;
  /** `Content-Length`, if it was sent. */
  readonly length?: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Distributes over a union of operations. */
export type Answer<N extends OpName> = N extends OpName
  ? OutputOf<N> extends ReadableStream
    ? Download
    : OutputOf<N> extends EventStream<unknown>
      ? Events
      : CheckedData<OutputOf<N>> | UncheckedJson | NotModified
  : never;

export interface CheckedData<Output> {
  readonly status?: 200 | 201;
  readonly data: Output;
  readonly setCookies?: readonly string[];
}

/** Sent unchanged. Large texts come in pieces: joining takes as long as sending. */
export interface UncheckedJson {
  readonly status?: 200 | 201;
  readonly uncheckedJson: string | JsonPieces | AsyncIterable<string | Uint8Array>;
  /** Of an operation with an `ETag`; without it, the answer is hashed. */
  readonly entityTag?: string | null;
}

/** A 304: the reader has the version with this entity tag. */
export interface NotModified {
  readonly notModified: string;
}
export type JsonPieces = readonly (string | Uint8Array)[];

export interface Download {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly contentType: string;
}

/** Server-Sent Events; null: the stream is over. */
export interface Events {
  /** Called once, when the headers are sent. */
  readonly events: ((sink: EventSink) => void) | null;
}

/** Where the text of a stream goes. Its methods do nothing after the client is gone. */
export interface EventSink {
  readonly isOpen: boolean;
  /** False if the client is slow. One that has too much unsent is disconnected. */
  write(chunk: string | Uint8Array): boolean;
  /** Resolves when the client has taken enough to continue, or is gone. */
  drained(): Promise<void>;
  end(): void;
  onClose(run: () => void): void;
}

export type Handlers<N extends OpName> = {
  readonly [K in N]: (call: Call<K>) => Promise<Answer<K>>;
};
