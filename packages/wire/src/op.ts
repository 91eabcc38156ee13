import Type, { type Static, type TObject, type TSchema } from 'typebox';
import type { Code } from './errors.ts';
import type { Permission } from './permissions.ts';

export const TAGS = {
  Conversations: 'Read, write and delete conversations, as a whole or event by event',
  Recordings: 'Upload, play and verify the audio of conversations',
  Queues: 'Schedule outbound calls, receive inbound calls and hand both to workers',
  Analytics: 'Count conversations and calls over time',
  Keeping: 'Retention, legal holds, erasure, redaction and the audit log',
  Connections: 'Take in the calls of other engines',
  Webhooks: 'Send events to your own servers as signed HTTP requests',
  People: 'The signed-in user, and the members, invitations and keys of a business',
  Administration: 'Users, businesses, API keys and backups; for admins',
} as const;

export const READS = { readOnly: true, destructive: false, idempotent: true } as const;
/** It adds something each time. */
export const ADDS = { readOnly: false, destructive: false, idempotent: false } as const;
/** It can overwrite, remove or end something. */
export const CHANGES = { readOnly: false, destructive: true, idempotent: true } as const;

export const IDEMPOTENCY_KEY = {
  description:
    'A name for this request, 1 to 255 printable ASCII characters. A repeat with the same key within 24 hours returns the first answer and does nothing else. The same key with another request is a `CONFLICT`.',
  example: 'reminders-2024-01-15',
} as const;

/** `audio`: the bytes of a recording, streamed. */
export type OpBody = TSchema | null | 'audio';

/** `signed-in`: any valid key or session. `member`: access to the business. Else a permission. */
export type OpPermission = 'anyone' | 'signed-in' | 'member' | 'admin' | Permission;

/** Routes, validation, OpenAPI, the SDK, the command line and the guard tests derive from it. */
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
  readonly alsoMethods?: readonly ('GET' | 'POST')[];
  /** Below `/api/v1`, parameters in braces: `/business/{businessId}/conversations`. */
  readonly path: string;
  readonly tag: keyof typeof TAGS;
  /** For menus and lists of tools; the summary by default. */
  readonly title: string;
  /** In one line. */
  readonly summary: string;
  /** One or more paragraphs of Markdown. */
  readonly description: string;
  /** True if it changes nothing that a client can see, except the audit log. */
  readonly readOnly: boolean;
  /** True if it can overwrite, remove or end something; false if it only reads or adds. */
  readonly destructive: boolean;
  /** True if repeating it has no further effect; the SDK then retries more failures. */
  readonly idempotent: boolean;
  readonly permission: Demand;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** True if an absent or empty body means `{}`. */
  readonly bodyOptional?: boolean;
  /** In bytes. */
  readonly bodyLimit: number;
  /** Of `Data`; with `download` of the bytes, with `eventStream` of the events. */
  readonly output: Output;
  /** The media type of a success that is a stream of bytes instead of JSON. */
  readonly download?: string;
  /** True if a success is `text/event-stream`, whose events have the output as their data. */
  readonly eventStream?: boolean;
  /** The usual one first. */
  readonly statuses: readonly (200 | 201)[];
  /** In addition to the common ones. */
  readonly errors: readonly Code[];
  readonly examples?: { readonly body?: unknown; readonly output?: unknown };
  /** Example messages that replace those of `REASONS`. */
  readonly messages?: Partial<Record<Code, string>>;
  /** Rows that may be sent as `text/csv` instead of the JSON body; the query holds the other keys. */
  readonly csv?: Csv;
  /** True if a success of GET and HEAD has an `ETag`, and `If-None-Match` makes it a 304. */
  readonly isTagged?: boolean;
  /** True if a repeat with the same `Idempotency-Key` within 24 hours gets the first answer. */
  readonly takesIdempotencyKey?: boolean;
}

export interface CsvInput {
  readonly example: string;
  /** Allowed only with such a body. */
  readonly query: TObject;
  readonly bodyLimit: number;
}

/** Path parameters, query and body as one flat object. */
export type Input<O extends Op> = Static<O['params']> &
  Static<O['query']> &
  (O['body'] extends TSchema ? Static<O['body']> : unknown);

export type Output<O extends Op> = Static<O['output']>;

type Defaulted = 'title' | 'params' | 'query' | 'body' | 'bodyLimit' | 'statuses' | 'errors';

/** By default the title is the summary, there is no input, a body is up to 1 MiB, success is 200. */
export function op<
  const Name extends string,
  Output extends TSchema,
  Params extends TObject = typeof NO_KEYS,
  Query extends TObject = typeof NO_KEYS,
  const Body extends OpBody = null,
  Csv extends CsvInput | undefined = undefined,
  const Demand extends OpPermission = OpPermission,
>(
  declared: Omit<Op<Name, Params, Query, Body, Output, Csv, Demand>, Defaulted> &
    Partial<Pick<Op<Name, Params, Query, Body, Output, Csv, Demand>, Defaulted>>,
): Op<Name, Params, Query, Body, Output, Csv, Demand> {
  return {
    title: declared.summary,
    params: NO_KEYS as TObject as Params,
    query: NO_KEYS as TObject as Query,
    body: null as Body,
    bodyLimit: declared.body ? MEBIBYTE : 0,
    statuses: [200],
    errors: [],
    ...declared,
  };
}

const NO_KEYS = Type.Object({});
export const MEBIBYTE = 1024 * 1024;
/** For operations that need no credential. */
export const MAX_ANONYMOUS_BODY_BYTES = 16 * 1024;
