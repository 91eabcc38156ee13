import {
  type EventStream,
  type InputOf,
  type Op,
  type OpName,
  type OutputOf,
  ops,
} from '@colloquy/wire';
import type { Static, TObject } from 'typebox';
import { type ClientOptions, type RequestOptions, send, type Target } from './send.ts';
import { followStream, type StreamedEvent, type StreamOptions } from './stream.ts';

/** A stream cannot be sent again, so it is not retried. */
export type Audio = Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

export type Csv = string | Audio;

/** Path parameters, query and body keys in one object. */
export type InputFor<N extends OpName> = (typeof ops)[N]['body'] extends 'audio'
  ? InputOf<N> & { audio: Audio; contentType: string }
  : (typeof ops)[N] extends { csv?: { query: infer Query extends TObject } }
    ? (InputOf<N> & { csv?: undefined }) | (ParamsOf<N> & Static<Query> & { csv: Csv })
    : InputOf<N>;
type ParamsOf<N extends OpName> = Static<(typeof ops)[N]['params']>;

type Methods = {
  [N in OpName as Uncapitalize<N>]: OutputOf<N> extends EventStream<unknown>
    ? (input: InputFor<N>, options?: StreamOptions) => Followed
    : (input: InputFor<N>, options?: RequestOptions) => Promise<OutputOf<N>>;
};
type Followed = AsyncGenerator<StreamedEvent, void, undefined>;

type Lists = {
  [N in OpName as OutputOf<N> extends { Items: unknown[]; NextCursor: string | null }
    ? Uncapitalize<N>
    : never]: N;
};
type ItemOf<N extends OpName> = OutputOf<N> extends { Items: (infer Item)[] } ? Item : never;

export type Client = Methods & {
  /** Follows one conversation, or all of a business without `sessionId`. Reconnects by itself. */
  stream(
    input: InputFor<'StreamConversation'> | InputFor<'StreamBusiness'>,
    options?: StreamOptions,
  ): Followed;
  /** From the first one, or from a `NextCursor`. */
  pages<M extends keyof Lists>(
    list: M,
    input: InputFor<Lists[M]>,
    options?: RequestOptions,
  ): AsyncGenerator<OutputOf<Lists[M]>, void, undefined>;
  items<M extends keyof Lists>(
    list: M,
    input: InputFor<Lists[M]>,
    options?: RequestOptions,
  ): AsyncGenerator<ItemOf<Lists[M]>, void, undefined>;
};

/** A client of the API at `baseUrl`, with one method per operation. */
export function createClient(options: ClientOptions): Client {
  const declared = Object.values<Op>(ops);
  const methods = Object.fromEntries(
    declared.map((op) => [
      methodName(op.name),
      async (input: Record<string, unknown>, request?: RequestOptions) =>
        send(options, targetOf(op, input, request), request),
    ]),
  );
  const streams = Object.fromEntries(
    declared
      .filter(({ eventStream }) => eventStream)
      .map((op) => [
        methodName(op.name),
        (input: Record<string, unknown>, request?: StreamOptions) =>
          followStream(options, targetOf(op, input), request),
      ]),
  );
  const stream = (input: Record<string, unknown>, request?: StreamOptions) =>
    streams['sessionId' in input ? 'streamConversation' : 'streamBusiness']?.(input, request);

  async function* pages(list: string, input: object, request?: RequestOptions) {
    const read = methods[list];
    if (!read) throw new TypeError(`there is no list ${list}`);
    let from: object = input;
    for (;;) {
      const page = (await read({ ...from }, request)) as { NextCursor: string | null };
      yield page;
      if (page.NextCursor === null) return;
      from = { ...input, PreviousCursor: undefined, NextCursor: page.NextCursor };
    }
  }
  async function* items(list: string, input: object, request?: RequestOptions) {
    for await (const page of pages(list, input, request)) {
      yield* (page as unknown as { Items: unknown[] }).Items;
    }
  }
  return { ...methods, ...streams, stream, pages, items } as unknown as Client;
}

const methodName = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

function targetOf(op: Op, input: Record<string, unknown>, request?: RequestOptions): Target {
  const rest = { ...input };
  const path = op.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return pathSegment(op.name, name, value);
  });
  // The server then makes a repeated request harmless.
  const hasKey = op.takesIdempotencyKey === true && request?.idempotencyKey !== undefined;
  const target = {
    op: op.name,
    method: op.method,
    idempotent: op.idempotent || hasKey,
    isDownload: op.download !== undefined,
  };
  if (op.csv && rest.csv !== undefined) {
    const { csv, ...query } = rest;
    return { ...target, path: path + queryText(query), body: csv as Csv, contentType: 'text/csv' };
  }
  const query: Record<string, unknown> = {};
  for (const name of Object.keys(op.query.properties)) {
    query[name] = rest[name];
    delete rest[name];
  }
  const url = { ...target, path: path + queryText(query, op.eventStream) };
  if (op.body === null) return url;
  if (op.body === 'audio') {
    return { ...url, body: rest.audio as Audio, contentType: String(rest.contentType) };
  }
  const body = request?.json ?? JSON.stringify(rest);
  return { ...url, body, contentType: 'application/json' };
}

function queryText(values: Record<string, unknown>, repeatsLists = false): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null) continue;
    if (repeatsLists && Array.isArray(value)) {
      for (const one of value) query.append(name, String(one));
      continue;
    }
    query.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return query.size > 0 ? `?${query}` : '';
}

/** TypeError: `..` as a segment would call another path. */
function pathSegment(op: string, name: string, value: unknown): string {
  const text = value === undefined || value === null ? '' : String(value);
  if (/^\.{0,2}$/.test(text)) {
    const given = text === '' ? 'is missing' : `cannot be ${text}`;
    throw new TypeError(`${methodName(op)}: ${name} ${given}`);
  }
  return encodeURIComponent(text);
}
