import type { OutputOf } from '@colloquy/wire';
import type { Handlers } from '../access/authorization/call.ts';
import { holds, type Scope } from '../access/authorization/scope.ts';
import type { Context } from '../context.ts';
import { auditRead, maskingOf } from '../conversations/masking/masked.ts';
import { formatInstant } from '../kernel/instant.ts';
import { readAscending } from '../kernel/page.ts';
import type { AssemblyRequests } from './assembly/request.ts';
import { requireConnection, type ShownConnection } from './settings/connection.ts';
import { listConnections, showConnection } from './settings/connection-store.ts';
import {
  createConnection,
  deleteConnection,
  rotateSecrets,
  updateConnection,
} from './settings/manage.ts';
import { decipherSecrets } from './settings/secrets.ts';
import type { Delivery } from './vault/delivery.ts';
import { type DeliveryKey, findDelivery, findRaw, listDeliveries } from './vault/delivery-store.ts';
import { maskRaw } from './vault/mask-raw.ts';
import { requireDelivery, retryDelivery } from './vault/retry.ts';

const CONVERSATIONS = 'Conversations.ConversationPermissions';

type HandlerContext = Pick<Context, 'db' | 'clock' | 'secrets' | 'threads'> & {
  readonly assembly: AssemblyRequests;
  publicUrl(): string;
};

export const connectorHandlers = (ctx: HandlerContext) => ({
  ...settingsHandlers(ctx),
  ...deliveryHandlers(ctx),
});

type SettingsNames =
  | 'CreateConnection'
  | 'GetConnections'
  | 'GetConnection'
  | 'UpdateConnection'
  | 'DeleteConnection'
  | 'RotateConnectionSecret';

function settingsHandlers(ctx: HandlerContext): Handlers<SettingsNames> {
  const toWire = (scope: Scope) => (connection: ShownConnection) =>
    connectionToWire(ctx, scope, connection);
  const show = async (scope: Scope, id: string) =>
    toWire(scope)(requireConnection(await showConnection(ctx.db, scope, id)));
  return {
    async CreateConnection({ scope, body }) {
      const connection = await createConnection(ctx, scope, body);
      const Url = urlOf(ctx, scope, connection);
      return { status: 201, data: { ConnectionId: connection.id, Url } };
    },
    GetConnections: ({ scope, query }) =>
      readAscending(ctx, `connections ${scope.businessId}`, query, {
        first: '',
        read: (after, limit) => listConnections(ctx.db, scope, after, limit),
        keyOf: ({ id }) => id,
        toWire: toWire(scope),
      }),
    async GetConnection({ scope, params }) {
      return { data: await show(scope, params.connectionId) };
    },
    async UpdateConnection({ scope, params, body }) {
      await updateConnection(ctx, scope, params.connectionId, body);
      if (body.IsPaused === false) ctx.assembly.request(scope.businessId);
      return { data: await show(scope, params.connectionId) };
    },
    async DeleteConnection({ scope, params }) {
      await deleteConnection(ctx, scope, params.connectionId);
      return { data: { ConnectionId: params.connectionId } };
    },
    async RotateConnectionSecret({ scope, params, body }) {
      const until = await rotateSecrets(ctx, scope, params.connectionId, body.Secrets);
      return { data: { PreviousSecretsExpireAt: formatInstant(until) } };
    },
  };
}

type DeliveryNames =
  | 'GetConnectionDeliveries'
  | 'GetConnectionDelivery'
  | 'RetryConnectionDelivery';

/** After every id. */
const LAST = '~';

function deliveryHandlers(ctx: HandlerContext): Handlers<DeliveryNames> {
  return {
    async GetConnectionDeliveries({ scope, params, query }) {
      const { connectionId } = params;
      requireConnection(await showConnection(ctx.db, scope, connectionId));
      const status = query.Status ?? null;
      const audience = `received ${scope.businessId} ${connectionId} ${status}`;
      return readAscending(ctx, audience, query, {
        first: LAST,
        read: (before, limit) =>
          listDeliveries(ctx.db, scope, { connectionId, status, limit }, before),
        keyOf: ({ id }) => id,
        toWire: deliveryToWire,
      });
    },
    async GetConnectionDelivery({ scope, params }) {
      const key = { connectionId: params.connectionId, deliveryId: params.deliveryId };
      const { delivery, headers, body } = await readDelivery(ctx, scope, key);
      return { data: { ...deliveryToWire(delivery), Headers: headers, Body: body } };
    },
    async RetryConnectionDelivery({ scope, params }) {
      const key = { connectionId: params.connectionId, deliveryId: params.deliveryId };
      return { data: deliveryToWire(await retryDelivery(ctx, scope, key)) };
    },
  };
}

async function readDelivery(ctx: HandlerContext, scope: Scope, key: DeliveryKey) {
  const delivery = requireDelivery(await findDelivery(ctx.db, scope, key));
  const hidden = { delivery, headers: null, body: null };
  if (!holds(scope.permissions, CONVERSATIONS, 'Retrieving')) return hidden;
  const { headers, body } = (await findRaw(ctx.db, scope, [delivery.id])).get(delivery.id) ?? {};
  if (!headers || !body) return hidden;
  const { conversationId } = delivery;
  const masking = maskingOf(ctx.secrets, scope);
  const raw = { conversationId, headers, body };
  const shown = masking
    ? await maskRaw(ctx, scope, raw, masking)
    : { headers, body: body.toString('utf8') };
  const ids = conversationId === null ? [] : [conversationId];
  const read = { operation: 'GetConnectionDelivery', kind: 'Conversation', ids } as const;
  await auditRead(ctx, scope, read);
  return { delivery, ...shown };
}

function urlOf(
  ctx: HandlerContext,
  { businessId }: Scope,
  { source, id }: Pick<ShownConnection, 'source' | 'id'>,
): string {
  return `${ctx.publicUrl()}/connect/${source}/${businessId}/${id}`;
}

function connectionToWire(
  ctx: HandlerContext,
  scope: Scope,
  connection: ShownConnection,
): OutputOf<'GetConnection'> {
  const [current, previous] = decipherSecrets(ctx.secrets, connection.secrets, ctx.clock.now());
  const { lastReceivedAt } = connection;
  return {
    ConnectionId: connection.id,
    Source: connection.source,
    Name: connection.name,
    Url: urlOf(ctx, scope, connection),
    Options: connection.options,
    SecretNames: Object.keys(current?.secrets ?? {}),
    PreviousSecretsExpireAt: previous?.expiresAt ? formatInstant(previous.expiresAt) : null,
    IsPaused: connection.isPaused,
    LastReceivedAt: lastReceivedAt === null ? null : formatInstant(lastReceivedAt),
    ErasedDeliveries: connection.erasedDeliveries,
    UnknownEndReasons: connection.unknownEndReasons.map(({ endReason, conversations }) => ({
      EndReason: endReason,
      Conversations: conversations,
    })),
    CreatedAt: formatInstant(connection.createdAt),
    CreatedBy: connection.createdBy,
  };
}

function deliveryToWire(delivery: Delivery): OutputOf<'GetConnectionDeliveries'>['Items'][number] {
  const { dueAt } = delivery;
  return {
    DeliveryId: delivery.id,
    EventType: delivery.eventType,
    ReceivedAt: formatInstant(delivery.receivedAt),
    Repeats: delivery.repeats,
    Status: delivery.status,
    ConversationId: delivery.conversationId,
    Error: delivery.error,
    NextAttemptAt: dueAt === null ? null : formatInstant(dueAt),
    Warnings: [...delivery.warnings],
    Bytes: delivery.bytes,
  };
}
