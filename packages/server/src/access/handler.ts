import type { OpName, ops } from '@colloquy/wire';
import type { Static, TSchema } from 'typebox';
import type { Caller, Scope } from './scope.ts';

/** A validated request of one operation. */
export interface Call<N extends OpName> {
  /** Operations below `/business/{businessId}` are given a Scope, those of an admin a Caller. */
  readonly scope: (typeof ops)[N]['permission'] extends 'admin' ? Caller : Scope;
  readonly params: Static<(typeof ops)[N]['params']>;
  readonly query: Static<(typeof ops)[N]['query']>;
  readonly body: BodyOf<N>;
}

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

/** What a handler answers; `json` and `stream` are the text of `Data`, sent as they are. */
export type Answer =
  | { readonly status?: 200 | 201; readonly data: unknown }
  | { readonly status?: 200 | 201; readonly json: string }
  | { readonly stream: AsyncIterable<string> };

export type Handlers<N extends OpName> = {
  readonly [K in N]: (call: Call<K>) => Promise<Answer>;
};
