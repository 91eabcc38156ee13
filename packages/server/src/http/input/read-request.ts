import { Readable } from 'node:stream';
import { MIMEType } from 'node:util';
import type { CsvInput, Op, OpName } from '@colloquy/wire';
import type { FastifyRequest } from 'fastify';
import type { TObject, TSchema } from 'typebox';
import { Fault } from '../../kernel/fault.ts';
import { parseStrictJson } from '../../kernel/json/strict-json.ts';
import { textInTurns } from '../../kernel/threads/text-bytes.ts';
import { type Threads, threadTask } from '../../kernel/threads/threads.ts';
import { sizeText } from '../openapi/op-facts.ts';
import { bodyReader } from './bodies.ts';
import { splittingOf } from './splittings.ts';
import { compileCheck } from './validate.ts';
import type { Whole } from './validation-message.ts';

export interface RequestParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly largeParts: unknown;
  readonly csv: unknown;
  readonly idempotencyKey: string | null;
  readonly ifNoneMatch: string | null;
}

type Reauthorize = () => Promise<void>;

export interface BodyThreads {
  readonly threads: Threads;
  readonly maxInlineBytes: number;
}

/** Calls `reauthorize` after a streamed body or after waiting for a thread. */
export function requestReader(
  op: Op,
  bodies: BodyThreads,
): (request: FastifyRequest, reauthorize: Reauthorize) => Promise<RequestParts> {
  const readParams = textReader(op.params, 'The path');
  const readQuery = textReader(op.query, 'The query');
  const readBody = op.body === 'audio' ? audioReader(op) : jsonReader(op, bodies);
  const readCsv = op.csv ? csvReader(op.csv) : null;
  const readKey = op.takesIdempotencyKey ? idempotencyKey : () => null;
  const givenQuery = op.eventStream ? resumedQuery : queryOf;
  return async (request, reauthorize) => {
    const params = readParams(request.params as Record<string, string>);
    if (readCsv && request.body instanceof Readable) {
      const csv = readCsv(request, request.body, reauthorize);
      return {
        params,
        query: {},
        body: {},
        largeParts: null,
        csv,
        idempotencyKey: readKey(request),
        ifNoneMatch: null,
      };
    }
    const query = readQuery(givenQuery(request));
    const body = await readBody(request, reauthorize);
    const ifNoneMatch = (op.isTagged && request.headers['if-none-match']) || null;
    return { params, query, ...body, csv: null, idempotencyKey: readKey(request), ifNoneMatch };
  };
}

const queryOf = ({ query }: FastifyRequest) => query as Record<string, unknown>;

/** `EventSource` sends the id of the last event in a header. */
function resumedQuery(request: FastifyRequest): Record<string, unknown> {
  const id = request.headers['last-event-id'];
  const query = queryOf(request);
  return typeof id === 'string' && id !== '' ? { ...query, LastEventId: id } : query;
}

/** Converts texts of a URL, in place, to the types of their schema and checks them. */
function textReader(schema: TObject, whole: Whole) {
  const properties = Object.entries<TSchema & TextKeywords>(schema.properties);
  if (properties.length === 0) return () => ({});
  const converters = properties.flatMap(([name, property]) => {
    const convert = converterOf(name, property);
    return convert ? [[name, convert] as const] : [];
  });
  const checked = properties.map(([name, { contentSchema, ...text }]) => [
    name,
    contentSchema ?? text,
  ]);
  const check = compileCheck({ ...schema, properties: Object.fromEntries(checked) }, whole);
  return (values: Record<string, unknown>): Record<string, unknown> => {
    for (const [name, convert] of converters) {
      const given = values[name];
      if (typeof given === 'string') values[name] = convert(given);
      else if (Array.isArray(given)) values[name] = given.flatMap((text) => convert(String(text)));
    }
    check(values);
    return values;
  };
}

interface TextKeywords {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: TextKeywords;
  readonly pattern?: string;
  readonly contentSchema?: TSchema;
}

/** A text without the expected form stays as it is; the check refuses it. */
function converterOf(name: string, schema: TextKeywords): ((text: string) => unknown) | null {
  if (schema.contentSchema) return (text) => jsonOf(name, text);
  if (schema.type === 'array') {
    const convert = converterOf(name, schema.items ?? {});
    return (text) => [convert ? convert(text) : text];
  }
  if (schema.type === 'integer' || typeof schema.enum?.[0] === 'number') {
    return (text) => (/^-?\d{1,16}$/.test(text) ? Number(text) : text);
  }
  if (schema.type === 'boolean') {
    return (text) => (text === 'true' || text === 'false' ? text === 'true' : text);
  }
  const isFree = schema.type === 'string' && schema.pattern === undefined;
  return isFree ? (text) => rejectNul(name, text) : null;
}

function jsonOf(name: string, text: string): unknown {
  try {
    return parseStrictJson(Buffer.from(text), name);
  } catch (error) {
    if (error instanceof Fault) throw new Fault('INVALID_REQUEST', error.message, { cause: error });
    throw error;
  }
}

/** The database cannot store NUL, as in JSON. */
function rejectNul(name: string, text: string): string {
  if (!text.includes('\0')) return text;
  throw new Fault('INVALID_REQUEST', `${name} contains a NUL character.`);
}

const utf8 = new TextDecoder();

type BodyParts = Pick<RequestParts, 'body' | 'largeParts'>;
type ReadBody = (
  request: FastifyRequest,
  reauthorize: Reauthorize,
) => BodyParts | Promise<BodyParts>;

function audioReader(op: Op): ReadBody {
  return (request, reauthorize) => {
    if (contentLength(request) > op.bodyLimit) {
      throw new Fault('PAYLOAD_TOO_LARGE', `A recording has at most ${op.bodyLimit} bytes.`);
    }
    const [type = ''] = (request.headers['content-type'] ?? '').split(';');
    // Keeps the connection open if the reader stops early, for example at the size limit.
    const sent = (request.body as Readable).iterator({ destroyOnReturn: false });
    const bytes = thenReauthorize(sent, reauthorize);
    const isSized = request.headers['content-length'] !== undefined;
    const length = isSized && { length: contentLength(request) };
    const contentType = type.trim().toLowerCase();
    return { body: { contentType, ...length, bytes }, largeParts: null };
  };
}

async function* thenReauthorize(bytes: AsyncIterable<Uint8Array>, reauthorize: Reauthorize) {
  yield* bytes;
  await reauthorize();
}

const READ_BODY = threadTask<typeof import('./read-body.thread.ts').default>(
  new URL('./read-body.thread.ts', import.meta.url),
);

function jsonReader(op: Op, { threads, maxInlineBytes }: BodyThreads): ReadBody {
  const read = bodyReader(op);
  const splitting = splittingOf(op.name as OpName);
  return async (request, reauthorize) => {
    const bytes = request.body as Buffer<ArrayBuffer> | undefined;
    if (bytes === undefined || bytes.length <= maxInlineBytes) {
      return { body: read(bytes), largeParts: null };
    }
    // A small Buffer may share its memory with others, so it is copied.
    const own = bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
    const input = { name: op.name as OpName, bytes: own };
    const output = await threads.run(READ_BODY, input, { transfer: [own.buffer] });
    if (output.kind === 'refused') throw new Fault(output.code, output.message);
    const texts: string[] = [];
    for (const text of output.texts) texts.push(await textInTurns(text));
    await reauthorize();
    const largeParts = splitting ? splitting.join(output.facts, texts, output.texts) : null;
    return { body: JSON.parse(utf8.decode(output.rest)), largeParts };
  };
}

function csvReader(csv: CsvInput) {
  const readQuery = textReader(csv.query, 'The query');
  return (request: FastifyRequest, body: Readable, reauthorize: Reauthorize) => {
    const charset = requireCsv(request.headers['content-type']);
    if (contentLength(request) > csv.bodyLimit) throw tooManyRows(csv);
    return {
      query: readQuery(request.query as Record<string, unknown>),
      charset,
      bytes: thenReauthorize(bytesOf(body, csv), reauthorize),
    };
  };
}

const CHARSETS = ['utf-8', 'utf-16', 'utf-16le', 'utf-16be'] as const;

/** null if no charset is named. Fault: UNSUPPORTED_MEDIA_TYPE for anything but CSV in UTF-8 or UTF-16. */
function requireCsv(contentType: string | undefined): (typeof CHARSETS)[number] | null {
  const type = mediaType(contentType ?? '');
  if (type?.essence !== 'text/csv') {
    throw new Fault(
      'UNSUPPORTED_MEDIA_TYPE',
      'Send the body with Content-Type: application/json or text/csv.',
    );
  }
  const name = type.params.get('charset')?.toLowerCase();
  if (name === undefined) return null;
  const charset = CHARSETS.find((known) => known === name || known.replace('-', '') === name);
  if (charset) return charset;
  throw new Fault(
    'UNSUPPORTED_MEDIA_TYPE',
    'Rows must be UTF-8 or UTF-16; save them as "CSV UTF-8", or send them as JSON.',
  );
}

function mediaType(text: string): MIMEType | null {
  try {
    return new MIMEType(text);
  } catch {
    return null;
  }
}

async function* bytesOf(body: Readable, csv: CsvInput): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > csv.bodyLimit) throw tooManyRows(csv);
    yield chunk;
  }
}

const tooManyRows = (csv: CsvInput) =>
  new Fault(
    'PAYLOAD_TOO_LARGE',
    `Rows have at most ${sizeText(csv.bodyLimit)}; send them in parts.`,
  );

const contentLength = (request: FastifyRequest) => Number(request.headers['content-length'] ?? 0);

function idempotencyKey(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new Fault(
    'INVALID_REQUEST',
    'Idempotency-Key must be 1 to 255 printable ASCII characters.',
  );
}
