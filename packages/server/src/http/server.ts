import { maxHeaderSize, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { OpName } from '@colloquy/wire';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Authorizer } from '../access/authorization/authorizer.ts';
import type { Handlers } from '../access/authorization/call.ts';
import type { Sessions } from '../access/sign-in/sessions.ts';
import type { SingleSignOn } from '../access/sign-in/single-sign-on.ts';
import type { DoorContext } from '../connectors/vault/receive.ts';
import type { Context } from '../context.ts';
import { Fault } from '../kernel/fault.ts';
import { Authenticator } from './authenticate.ts';
import { sendError } from './errors.ts';
import { ARRIVAL_LIMITS, type ArrivalLimits, limitArrival } from './input/arrival-limits.ts';
import { collectBody } from './input/collect-body.ts';
import { refuseMalformed } from './input/refuse-malformed.ts';
import { newRequestId, observeRequests } from './observe.ts';
import { type AnswerObserver, observeAnswers } from './observe-answers.ts';
import { addRoutes, refuseMethod } from './route.ts';
import { addDoor } from './routes/connect-route.ts';
import { addConsole } from './routes/console.ts';
import { addDocuments } from './routes/documents.ts';
import { addHealth } from './routes/health.ts';
import { addMedia } from './routes/media-route.ts';
import { addSingleSignOn } from './routes/sign-in-route.ts';
import { finishRequests } from './shutdown.ts';

/** Parsing a larger body on the event loop would delay other requests. */
const MAX_INLINE_BODY_BYTES = 128 * 1024;
const IDLE_MILLISECONDS = 60_000;
/** Long enough for a recording of 1 GiB over a slow connection. */
const REQUEST_TIMEOUT_MILLISECONDS = 4 * 3_600_000;

interface HealthParts {
  readonly ctx: Context;
  readonly authorizer: Authorizer;
  readonly sessions: Sessions;
}
interface ServerParts extends HealthParts {
  readonly ctx: Context & DoorContext & { publicUrl(): string };
  readonly singleSignOn: SingleSignOn | null;
  readonly handlers: Handlers<OpName>;
  readonly arrival?: ArrivalLimits | undefined;
  readonly maxInlineBodyBytes?: number | undefined;
  readonly onAnswer?: AnswerObserver | undefined;
}

export async function buildServer(parts: ServerParts) {
  const { ctx, authorizer, sessions, handlers, arrival = ARRIVAL_LIMITS } = parts;
  const responses = new WeakMap<Duplex, ServerResponse>();
  const app = fastify({
    logger: false,
    trustProxy: ctx.config.trustProxy.length > 0 ? [...ctx.config.trustProxy] : false,
    connectionTimeout: IDLE_MILLISECONDS,
    requestTimeout: REQUEST_TIMEOUT_MILLISECONDS,
    http: { headersTimeout: arrival.arrival, connectionsCheckingInterval: arrival.check },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    genReqId: newRequestId,
    // The operation's schema refuses long parameters and names them.
    routerOptions: { maxParamLength: maxHeaderSize },
    clientErrorHandler: (error, socket) => refuseMalformed(error, socket, responses.get(socket)),
    frameworkErrors: (error, request, reply) => {
      reply.header('X-Request-Id', request.id);
      sendError(ctx.log, 'Request', error, reply);
    },
  });
  limitArrival(app, arrival);
  app.server.on('request', (request, response) => responses.set(request.socket, response));
  const authenticator = new Authenticator(authorizer, sessions, ctx.config);
  prepareRequests(app, ctx);
  if (parts.onAnswer) observeAnswers(app, parts.onAnswer);
  const close = finishRequests(app);

  // `hasRoute` reads a path as a pattern and throws for some paths that clients can send.
  const readablePaths = new Set<string>();
  app.addHook('onRoute', ({ method, url }) => {
    if ([method].flat().includes('GET')) readablePaths.add(url);
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', collectBody);
  // Before the body is read: the client has shown no credential.
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) refusePath(readablePaths, request, reply);
  });
  app.setNotFoundHandler((request, reply) => refusePath(readablePaths, request, reply));

  const maxInlineBytes = parts.maxInlineBodyBytes ?? MAX_INLINE_BODY_BYTES;
  const bodies = { threads: ctx.threads, maxInlineBytes };
  await addRoutes(app, handlers, { authenticator, fairShare: ctx.share, bodies });
  if (parts.singleSignOn) addSingleSignOn(app, parts.singleSignOn);
  addMedia(app, ctx);
  await addDoor(app, { ctx, authenticator, fairShare: ctx.share });
  await addDocuments(app, ctx.secrets);
  if (!(await addConsole(app, ctx))) app.get('/', (_request, reply) => reply.redirect('docs', 302));
  addHealth(app, ctx, authenticator);
  return { app, close };
}

/** For a process that only runs jobs: health and metrics. */
export function buildHealthServer({ ctx, authorizer, sessions }: HealthParts) {
  const app = fastify({
    logger: false,
    connectionTimeout: IDLE_MILLISECONDS,
    requestTimeout: IDLE_MILLISECONDS,
    forceCloseConnections: 'idle',
    genReqId: newRequestId,
  });
  prepareRequests(app, ctx);
  app.setNotFoundHandler(() => {
    throw new Fault('NOT_FOUND', 'This process runs jobs; see /healthz, /readyz and /metrics.');
  });
  addHealth(app, ctx, new Authenticator(authorizer, sessions, ctx.config));
  return { app, close: finishRequests(app) };
}

function prepareRequests(app: FastifyInstance, ctx: Context): void {
  app.decorateRequest('scope', null);
  app.decorateRequest('keyHash', null);
  app.decorateRequest('op', 'Request');
  app.decorateRequest('share', null);
  observeRequests(app, ctx);
  app.setErrorHandler((error, request, reply) => sendError(ctx.log, request.op, error, reply));
}

function refusePath(
  readablePaths: ReadonlySet<string>,
  request: FastifyRequest,
  reply: FastifyReply,
): never {
  const [path = ''] = request.url.split('?');
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead && readablePaths.has(path)) refuseMethod(['GET', 'HEAD'], reply);
  throw new Fault('NOT_FOUND', 'There is nothing at this path; /docs lists all operations.');
}
