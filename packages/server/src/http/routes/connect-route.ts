import type { IncomingHttpHeaders } from 'node:http';
import { MEBIBYTE, ops } from '@colloquy/wire';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Connection } from '../../connectors/settings/connection.ts';
import { type DoorContext, needsKey, openDoor, receive } from '../../connectors/vault/receive.ts';
import type { FairShare } from '../../kernel/fair-share/fair-share.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Authenticator } from '../authenticate.ts';
import { collectBody } from '../input/collect-body.ts';
import { admitBytes } from '../input/large-requests.ts';
import { refuseMethod } from '../route.ts';

declare module 'fastify' {
  interface FastifyRequest {
    connection: Connection | null;
  }
}

const MAX_BODY_BYTES = 16 * MEBIBYTE;
const URL = '/connect/:source/:businessId/:connectionId';

/** What a source that does not sign its requests must be allowed to do. */
const KEY_FOR = ops.AppendConversationEvents;

interface Params {
  readonly source: string;
  readonly businessId: string;
  readonly connectionId: string;
}

interface DoorServices {
  readonly ctx: DoorContext & { publicUrl(): string };
  readonly authenticator: Authenticator;
  readonly fairShare: FairShare;
}

/** The address of a connection, to which its source sends requests. */
export async function addDoor(app: FastifyInstance, services: DoorServices): Promise<void> {
  const { ctx, authenticator, fairShare } = services;
  app.decorateRequest('connection', null);
  await app.register(async (door) => {
    // Signatures are over the bytes, whatever their type.
    door.removeAllContentTypeParsers();
    door.addContentTypeParser('*', collectBody);
    door.route({
      method: 'POST',
      url: URL,
      bodyLimit: MAX_BODY_BYTES,
      onRequest: async (request, reply) => {
        request.op = 'Connect';
        const { source, businessId, connectionId } = request.params as Params;
        const door = { source, businessId: businessNumber(businessId), connectionId };
        const { connection, scope } = await openDoor(ctx, door);
        request.connection = connection;
        // For the fair share of large bodies, and for the log.
        request.scope = scope;
        if (!needsKey(connection, headersOf(request.headers))) return;
        request.scope = await authenticator.authorize(request, reply, KEY_FOR);
      },
      preParsing: admitBytes(fairShare, MAX_BODY_BYTES),
      handler: (request, reply) => answer(request, reply, { ctx, authenticator, fairShare }),
    });
    door.route({
      method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url: URL,
      onRequest: async (_request, reply) => refuseMethod(['POST'], reply),
      handler: () => undefined,
    });
  });
}

function businessNumber(text: string): number {
  const number = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  throw new Fault('NOT_FOUND', 'There is no such connection in this business.');
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { ctx, authenticator }: DoorServices,
) {
  const { connection, body, raw } = request;
  const { businessId } = request.params as Params;
  if (connection === null) throw new Error('the door was not opened');
  const received = {
    method: raw.method ?? 'POST',
    url: ctx.publicUrl() + (raw.url ?? ''),
    headers: headersOf(raw.headers),
    body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
  };
  // Access may have been revoked while the body arrived.
  if (needsKey(connection, received.headers))
    await authenticator.reauthorize(request, reply, KEY_FOR);
  try {
    const outcome = await receive(ctx, { businessId: Number(businessId) }, connection, received);
    return reply.send({ Success: true, Data: { Outcome: outcome } });
  } catch (error) {
    const isRefused = error instanceof Fault && error.code === 'SIGNATURE_INVALID';
    if (isRefused) await authenticator.noteFailure(request);
    throw error;
  }
}

const headersOf = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value = '']) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
