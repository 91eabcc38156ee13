import { Readable } from 'node:stream';
import { MAX_ANONYMOUS_BODY_BYTES, MEBIBYTE, type Op, type OpName, ops } from '@colloquy/wire';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Answer, Handlers } from '../access/authorization/call.ts';
import type { Caller, Scope, SignedIn } from '../access/authorization/scope.ts';
import { type FairShare, LARGE_BYTES } from '../kernel/fair-share/fair-share.ts';
import { Fault } from '../kernel/fault.ts';
import { sendAnswer } from './answer.ts';
import type { Authenticator } from './authenticate.ts';
import { liftArrivalLimit } from './input/arrival-limits.ts';
import { admitBody, isLarge, shareOf } from './input/large-requests.ts';
import { type BodyThreads, requestReader } from './input/read-request.ts';
import { ReceivedCall } from './routes/received-call.ts';

declare module 'fastify' {
  interface FastifyRequest {
    scope: Caller | Scope | SignedIn | null;
    /** Of its API key, once computed. */
    keyHash: string | null;
    /** The operation's name; `Request` outside of operations. */
    op: string;
  }
}

/** `/business/{businessId}` → `/business/:businessId` */
const routePath = (path: string) => `/api/v1${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;

type AnyHandler = (call: ReceivedCall) => Promise<Answer<OpName>>;

interface RouteServices {
  readonly authenticator: Authenticator;
  readonly fairShare: FairShare;
  readonly bodies: BodyThreads;
}

export async function addRoutes(
  app: FastifyInstance,
  handlers: Handlers<OpName>,
  services: RouteServices,
): Promise<void> {
  const declared: Op[] = Object.values(ops);
  const add = (to: FastifyInstance, op: Op) =>
    addRoute(to, op, {
      handler: handlers[op.name as OpName] as AnyHandler,
      ...services,
      read: requestReader(op, services.bodies),
    });
  for (const op of declared) if (op.body !== 'audio' && !op.csv) add(app, op);
  // Only these routes get a body as a stream: recordings, and rows of any type but JSON.
  await app.register(async (streams) => {
    streams.removeAllContentTypeParsers();
    passBodyAsStream(streams);
    for (const op of declared) if (op.body === 'audio') add(streams, op);
  });
  await app.register(async (rows) => {
    passBodyAsStream(rows);
    for (const op of declared) if (op.csv) add(rows, op);
  });
  addRefusedMethods(app, declared);
}

function passBodyAsStream(plugin: FastifyInstance): void {
  plugin.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  // A client that sends everything before it reads an early answer would otherwise wait forever.
  plugin.addHook('onResponse', ({ raw }, _reply, done) => {
    if (!raw.complete && !raw.destroyed) {
      // The listener of an abandoned reader keeps the stream paused.
      raw.removeAllListeners('readable');
      raw.resume();
    }
    done();
  });
}

interface RouteParts extends RouteServices {
  readonly handler: AnyHandler;
  readonly read: ReturnType<typeof requestReader>;
}

function addRoute(
  app: FastifyInstance,
  op: Op,
  { handler, authenticator, fairShare, read }: RouteParts,
): void {
  const takesSlot = isLarge(op);
  const isOpen = op.permission === 'anyone';
  const mayBeLarge = !isOpen && op.bodyLimit > LARGE_BYTES;
  app.route({
    method: [op.method, ...(op.alsoMethods ?? [])],
    url: routePath(op.path),
    bodyLimit: isOpen ? MAX_ANONYMOUS_BODY_BYTES : Math.max(op.bodyLimit, MEBIBYTE),
    onRequest: (request, reply, done) => {
      request.op = op.name;
      request.scope = authenticator.authorizeCached(request, op);
      if (request.scope) {
        liftArrivalLimit(request.raw);
        return done();
      }
      authenticator.authorize(request, reply, op).then((scope) => {
        request.scope = scope;
        if (scope) liftArrivalLimit(request.raw);
        done();
      }, done);
    },
    ...(mayBeLarge && { preParsing: admitBody(fairShare, op) }),
    handler: async (request, reply) => {
      const reauthorize = () => authenticator.reauthorize(request, reply, op);
      const { body } = request;
      const isStream = body instanceof Readable;
      const hasSlot = takesSlot || (Buffer.isBuffer(body) && body.length > LARGE_BYTES);
      if (hasSlot) await shareOf(fairShare, request, reply).takeSlot();
      // Waiting for the body or the slot may have taken minutes.
      if (hasSlot || (body !== undefined && !isStream)) await reauthorize();
      const access = {
        authorize: async () => {
          await reauthorize();
          return request.scope;
        },
        isOutdated: () => authenticator.isOutdated(request, op),
        share: () => shareOf(fairShare, request, reply),
      };
      const parts = await read(request, reauthorize);
      const call = new ReceivedCall(request.scope, parts, reply.raw, access);
      try {
        const answer = await handler(call);
        if (isOpen) await authenticator.noteOutcome(request);
        request.share?.freeSlot();
        return sendAnswer(answer, reply, op, reauthorize);
      } catch (error) {
        if (isOpen) await authenticator.noteOutcome(request, error);
        throw error;
      }
    },
  });
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

function addRefusedMethods(app: FastifyInstance, declared: readonly Op[]): void {
  const byPath = Map.groupBy(declared, ({ path }) => path);
  for (const [path, atPath] of byPath) {
    const allowed = new Set<string>(
      atPath.flatMap(({ method, alsoMethods }) => [method, ...(alsoMethods ?? [])]),
    );
    if (allowed.has('GET')) allowed.add('HEAD');
    app.route({
      method: METHODS.filter((method) => !allowed.has(method)),
      url: routePath(path),
      onRequest: async (_request, reply) => refuseMethod([...allowed], reply),
      handler: () => undefined,
    });
  }
}

export function refuseMethod(allowed: readonly string[], reply: FastifyReply): never {
  reply.header('Allow', allowed.join(', '));
  throw new Fault('METHOD_NOT_ALLOWED', `Use ${allowed.join(' or ')} here.`);
}
