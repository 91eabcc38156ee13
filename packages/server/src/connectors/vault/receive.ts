import { createHash } from 'node:crypto';
import { SOURCES, type SourceName } from '@colloquy/wire';
import type { Scope } from '../../access/authorization/scope.ts';
import { findPolicy, scopeUnder } from '../../access/businesses/policy-store.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { idHash } from '../../tombstones/tombstone-store.ts';
import { cleanText } from '../assembly/clean.ts';
import type { AssemblyRequests } from '../assembly/request.ts';
import { conversationIdOf } from '../conversation-id.ts';
import type { ConnectorMetrics } from '../metrics.ts';
import { type Connection, requireConnection } from '../settings/connection.ts';
import { findConnection } from '../settings/connection-store.ts';
import { decipherSecrets } from '../settings/secrets.ts';
import type { EventIdentity, Headers, ReceivedRequest, Verify } from '../sources/source.ts';
import { SOURCES_BY_NAME } from '../sources/sources.ts';
import { type Outcome, storeDelivery } from './delivery-store.ts';
import { identify } from './identify.ts';
import { withoutSecrets } from './without-secrets.ts';

export type DoorContext = Pick<Context, 'db' | 'clock' | 'secrets' | 'threads' | 'log'> & {
  readonly assembly: AssemblyRequests;
  readonly connectorMetrics: ConnectorMetrics;
};

export interface Door {
  readonly source: string;
  readonly businessId: number;
  readonly connectionId: string;
}

const MAX_EVENT_TYPE = 256;
const MAX_CALL_ID = 1024;

/** Before the body is read. NOT_FOUND, BUSINESS_DISABLED, BUSINESS_EDITING_DISABLED. */
export async function openDoor(
  { db }: Pick<Context, 'db'>,
  { source, businessId, connectionId }: Door,
): Promise<{ readonly connection: Connection; readonly scope: Scope }> {
  const isKnown = (SOURCES as readonly string[]).includes(source);
  const [connection, policy] = await Promise.all([
    isKnown ? findConnection(db, businessId, connectionId) : undefined,
    findPolicy(db, businessId, null),
  ]);
  const found = requireConnection(connection?.source === source ? connection : undefined);
  if (policy?.isDisabled) {
    throw new Fault('BUSINESS_DISABLED', 'The business is disabled; ask an admin to enable it.');
  }
  if (!policy?.isEditingEnabled) {
    const message = 'Editing is switched off for the business; ask an admin to switch it on.';
    throw new Fault('BUSINESS_EDITING_DISABLED', message);
  }
  return { connection: found, scope: scopeUnder(businessId, found.id, policy) };
}

/** Whether a request must have an API key that may add conversations. */
export const needsKey = ({ source }: Connection, headers: Headers): boolean =>
  SOURCES_BY_NAME[source].demandsKey === true || verifierOf(source, headers) === null;

function verifierOf(source: SourceName, headers: Headers): Verify | null {
  const { verify, isSigned } = SOURCES_BY_NAME[source];
  return isSigned?.(headers) === false ? null : verify;
}

/**
 * It is on disk when this returns. A key that `needsKey` demands has been checked.
 * SIGNATURE_INVALID, INVALID_REQUEST.
 */
export async function receive(
  ctx: DoorContext,
  { businessId }: Pick<Scope, 'businessId'>,
  connection: Connection,
  request: ReceivedRequest,
): Promise<Outcome> {
  const { source } = connection;
  await refuseUnsigned(ctx, connection, request);
  const event = await identify(ctx, source, request).catch((cause: unknown) => {
    ctx.connectorMetrics.received.inc({ source, outcome: 'unreadable' });
    throw new Fault('INVALID_REQUEST', `The body is not one that ${source} sends.`, { cause });
  });
  const callId = event.callId === null ? null : cleanText(event.callId, MAX_CALL_ID);
  const conversationId = callId === null ? null : conversationIdOf(source, callId);
  const receivedAt = ctx.clock.now();
  const outcome = await storeDelivery(
    ctx.db,
    { businessId },
    {
      id: newId('delivery', receivedAt),
      connectionId: connection.id,
      source,
      conversationId,
      conversationHash:
        conversationId === null
          ? null
          : idHash(ctx.secrets, businessId, 'conversation', conversationId),
      callId,
      eventType: cleanText(event.eventType, MAX_EVENT_TYPE),
      dedupeKey: dedupeKeyOf(source, event, request.body),
      receivedAt,
      status: callId === null ? 'Ignored' : connection.isPaused ? 'Paused' : 'Pending',
      headers: withoutSecrets(request.headers),
      body: request.body,
    },
  );
  ctx.connectorMetrics.received.inc({ source, outcome: outcome.toLowerCase() });
  if (outcome === 'Stored' && !connection.isPaused && callId !== null) {
    ctx.assembly.request(businessId);
  }
  return outcome;
}

async function refuseUnsigned(ctx: DoorContext, connection: Connection, request: ReceivedRequest) {
  const { source, options } = connection;
  const verify = verifierOf(source, request.headers);
  if (verify === null) return;
  const now = ctx.clock.now();
  const secrets = decipherSecrets(ctx.secrets, connection.secrets, now);
  const refusal = await verify(request, {
    secrets: secrets.map((one) => one.secrets),
    options,
    now,
  });
  if (refusal === null) return;
  ctx.connectorMetrics.received.inc({ source, outcome: 'refused' });
  throw new Fault('SIGNATURE_INVALID', refusal);
}

/** Of the same event, however often and over however many connections it comes. */
function dedupeKeyOf(source: SourceName, event: EventIdentity, body: Buffer): string {
  const own = event.eventId ?? createHash('sha256').update(body).digest('base64url');
  const parts = [
    source,
    event.callId,
    event.eventType,
    event.eventId === null ? 'body' : 'id',
    own,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
