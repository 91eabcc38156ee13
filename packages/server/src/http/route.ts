import type { Readable } from 'node:stream';
import { type Op, type OpName, ops } from '@colloquy/wire';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type, { type TObject, type TSchema } from 'typebox';
import type { Answer, Handlers } from '../access/handler.ts';
import type { Caller, Scope } from '../access/scope.ts';
import { Fault } from '../base/fault.ts';
import { sendAnswer } from './answer.ts';
import type { Authenticator } from './authenticate.ts';
import { compileCheck } from './validate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    scope: Caller | Scope | null;
    /** The operation's name; `Request` outside of every operation. */
    op: string;
  }
}

/** `/business/{businessId}` → `/business/:businessId` */
const routePath = (path: string) => `/api/v1${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;

/** The same handler for every operation, its parts chosen by the declaration. */
interface AnyCall {
  scope: Caller | Scope | null;
  params: unknown;
  query: unknown;
  body: unknown;
}
type AnyHandler = (call: AnyCall) => Promise<Answer>;

/** Adds a route per operation, and answers their other methods with 405. */
export async function addRoutes(
  app: FastifyInstance,
  handlers: Handlers<OpName>,
  authenticator: Authenticator,
): Promise<void> {
  const declared: Op[] = Object.values(ops);
  const json = declared.filter(({ body }) => body !== 'audio');
  for (const op of json)
    addRoute(app, op, handlers[op.name as OpName] as AnyHandler, authenticator);
  // A plugin of its own, so that only there the body is left as a stream, whatever its type.
  await app.register(async (streams) => {
    streams.removeAllContentTypeParsers();
    streams.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    for (const op of declared.filter(({ body }) => body === 'audio')) {
      addRoute(streams, op, handlers[op.name as OpName] as AnyHandler, authenticator);
    }
  });
  addOtherMethods(app, declared);
}

function addRoute(
  app: FastifyInstance,
  op: Op,
  handler: AnyHandler,
  authenticator: Authenticator,
): void {
  const readParams = paramsReader(op.params);
  const readQuery = queryReader(op.query);
  const readBody = bodyReader(op);
  app.route({
    method: [op.method, ...(op.alsoMethods ?? [])],
    url: routePath(op.path),
    bodyLimit: Math.max(op.bodyLimit, 1024 * 1024),
    onRequest: (request, _reply, done) => {
      request.op = op.name;
      request.scope = authenticator.recall(request, op);
      if (request.scope) return done();
      authenticator.authorize(request, op).then((scope) => {
        request.scope = scope;
        done();
      }, done);
    },
    handler: async (request, reply) => {
      const call: AnyCall = {
        scope: request.scope,
        params: readParams(request.params as Record<string, string>),
        query: readQuery(request.query as Record<string, unknown>),
        body: readBody(request),
      };
      return sendAnswer(await handler(call), reply);
    },
  });
}

/**
 * Texts of a URL, turned into the numbers that their schema asks for and checked. The object is
 * the request's own, and is changed.
 */
function textReader(schema: TObject, whole: string) {
  const properties = Object.entries(schema.properties);
  if (properties.length === 0) return () => ({});
  const numbers = properties
    .filter(([, property]) => (property as { type?: string }).type === 'integer')
    .map(([name]) => name);
  const check = compileCheck(schema, whole);
  return (values: Record<string, unknown>): Record<string, unknown> => {
    for (const name of numbers) {
      const text = values[name];
      if (typeof text === 'string' && /^-?\d{1,16}$/.test(text)) values[name] = Number(text);
    }
    check(values);
    return values;
  };
}

const paramsReader = (schema: TObject) => textReader(schema, 'The path');
const queryReader = (schema: TObject) => textReader(schema, 'The query');

function bodyReader(op: Op): (request: FastifyRequest) => unknown {
  if (op.body === 'audio') {
    return (request) => {
      const length = Number(request.headers['content-length'] ?? 0);
      if (length > op.bodyLimit) {
        throw new Fault('PAYLOAD_TOO_LARGE', `A recording has at most ${op.bodyLimit} bytes.`);
      }
      const contentType = (request.headers['content-type'] ?? '').split(';')[0] ?? '';
      // Whoever stops reading early, as at the size limit, still sends an answer on this connection.
      const bytes = (request.body as Readable).iterator({ destroyOnReturn: false });
      return { contentType: contentType.trim().toLowerCase(), bytes };
    };
  }
  const none = op.body === null;
  const schema: TSchema = op.body ?? Type.Object({}, { additionalProperties: false });
  const check = compileCheck(schema, 'The body');
  return (request) => {
    const body = request.body ?? (none || op.bodyOptional ? {} : undefined);
    if (body === undefined) throw new Fault('INVALID_JSON', 'The body is missing; send JSON.');
    check(body);
    return none ? null : body;
  };
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

function addOtherMethods(app: FastifyInstance, declared: readonly Op[]): void {
  const byPath = Map.groupBy(declared, ({ path }) => path);
  for (const [path, atPath] of byPath) {
    const allowed = new Set<string>(
      atPath.flatMap(({ method, alsoMethods }) => [method, ...(alsoMethods ?? [])]),
    );
    if (allowed.has('GET')) allowed.add('HEAD');
    app.route({
      method: METHODS.filter((method) => !allowed.has(method)),
      url: routePath(path),
      // Before a body of whatever kind is looked at.
      onRequest: async (_request, reply) => refuseMethod([...allowed], reply),
      handler: () => undefined,
    });
  }
}

/** METHOD_NOT_ALLOWED, with the methods that are. */
export function refuseMethod(allowed: readonly string[], reply: FastifyReply): never {
  reply.header('Allow', allowed.join(', '));
  throw new Fault('METHOD_NOT_ALLOWED', `Use ${allowed.join(' or ')} here.`);
}
