import type { Static, TObject, TSchema } from 'typebox';
import type { Code } from './errors.ts';
import type { Permission } from './permissions.ts';

/** `null`: the operation takes no body. `audio`: the body is the bytes of a recording, streamed. */
export type OpBody = TSchema | null | 'audio';

/**
 * `anyone`: it needs no credential. `signed-in`: any key or session that works, of no business.
 * `member`: whoever may use the business. `admin`: the user must be an admin. Otherwise the key, or
 * the role of whoever is signed in, must hold one of these types.
 */
export type OpPermission = 'anyone' | 'signed-in' | 'member' | 'admin' | Permission;

/**
 * One operation of the API, as data. Routes, validation, the OpenAPI document, the SDK, the
 * command line and the guard tests are all readings of this.
 */
export interface Op<
  Name extends string = string,
  Params extends TObject = TObject,
  Query extends TObject = TObject,
  Body extends OpBody = OpBody,
  Output extends TSchema = TSchema,
  Csv extends CsvInput | undefined = CsvInput | undefined,
  Demand extends OpPermission = OpPermission,
> {
  readonly name: Name;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Further methods that answer the same. */
  readonly alsoMethods?: readonly ('GET' | 'POST')[];
  /** Below `/api/v1`, parameters in braces: `/business/{businessId}/conversations`. */
  readonly path: string;
  readonly tag:
    | 'Conversations'
    | 'Recordings'
    | 'Queues'
    | 'Analytics'
    | 'Keeping'
    | 'People'
    | 'Administration';
  readonly summary: string;
  readonly description?: string;
  readonly permission: Demand;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** True where an absent or empty body means `{}`. */
  readonly bodyOptional?: boolean;
  /** Largest body in bytes. */
  readonly bodyLimit: number;
  /** The schema of `Data`; with `download` that of the bytes. */
  readonly output: Output;
  /** Where a success is a stream of bytes and no JSON: their media type. */
  readonly download?: string;
  /** Success statuses, the usual one first. */
  readonly statuses: readonly (200 | 201)[];
  /** The reasons this operation adds to those that every operation has. */
  readonly errors: readonly Code[];
  readonly examples?: { readonly body?: unknown; readonly output?: unknown };
  /** False where doing it twice is not the same as doing it once; the SDK then retries less. */
  readonly idempotent: boolean;
  /** Rows that may come as `text/csv` in place of the JSON body; the rest stands in the query then. */
  readonly csv?: Csv;
  /** True if a success of GET and HEAD has an `ETag`, and `If-None-Match` makes it a 304. */
  readonly isTagged?: boolean;
  /** True where an `Idempotency-Key` header makes a repeat within 24 hours answer as the first did. */
  readonly takesIdempotencyKey?: boolean;
}

export interface CsvInput {
  /** Parameters that are allowed with such a body only. */
  readonly query: TObject;
  readonly bodyLimit: number;
}

/** What a caller gives an operation, all parts flat: path parameters, query and body. */
export type Input<O extends Op> = Static<O['params']> &
  Static<O['query']> &
  (O['body'] extends TSchema ? Static<O['body']> : unknown);

/** `Data` of a success. */
export type Output<O extends Op> = Static<O['output']>;

/** Declares an operation; it only keeps the types exact. */
export function op<
  const Name extends string,
  Params extends TObject,
  Query extends TObject,
  const Body extends OpBody,
  Output extends TSchema,
  Csv extends CsvInput | undefined = undefined,
  const Demand extends OpPermission = OpPermission,
>(
  declared: Op<Name, Params, Query, Body, Output, Csv, Demand>,
): Op<Name, Params, Query, Body, Output, Csv, Demand> {
  return declared;
}

export const MEBIBYTE = 1024 * 1024;
/** Of operations that need no credential. */
export const MAX_ANONYMOUS_BODY_BYTES = 16 * 1024;
