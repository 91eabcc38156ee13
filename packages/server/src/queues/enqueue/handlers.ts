import { hash } from 'node:crypto';
import type { Call, Handlers } from '../../access/authorization/call.ts';
import { isMasked } from '../../access/authorization/scope.ts';
import {
  initiateFromQuery,
  initiateFromWire,
  recipientsFromWire,
  rowDefaults,
} from '../from-wire.ts';
import type { QueueHandlerContext } from '../queue-context.ts';
import { enqueuedToWire } from '../to-wire.ts';
import { enqueueCalls } from './enqueue.ts';
import { joinRecipients } from './large-bodies.ts';
import { receiveCall } from './receive.ts';
import { readRecipientRows } from './recipient-rows.ts';

export function enqueueHandlers(
  ctx: QueueHandlerContext,
): Handlers<'InitiateCall' | 'ReceiveCall'> {
  return {
    async InitiateCall({ scope, body, largeParts, csv, idempotencyKey }) {
      const { request, requestHash } = csv
        ? await requestOfRows(csv)
        : requestOfBody(body, largeParts);
      // A stored answer would reveal the request of another reader.
      const prefix = isMasked(scope) ? `${scope.userId} ` : '';
      const idempotency =
        idempotencyKey === null ? null : { key: `${prefix}${idempotencyKey}`, requestHash };
      const enqueued = await enqueueCalls(ctx, scope, { ...request, idempotency });
      return { data: enqueuedToWire(enqueued) };
    },
    async ReceiveCall({ scope, body }) {
      const { id, created } = await receiveCall(ctx, scope, {
        numberId: body.NumberId,
        routeId: body.RouteId ?? null,
        callerNumber: body.CallerNumber,
        provider: body.Provider,
        providerCallId: body.ProviderCallId,
      });
      return { status: created ? 201 : 200, data: { QueueId: id } };
    },
  };
}

/** The parameters of a query have no order. */
const sortedJson = (query: object) => JSON.stringify(Object.entries(query).sort());

async function requestOfRows(csv: NonNullable<Call<'InitiateCall'>['csv']>) {
  const defaults = rowDefaults(csv.query);
  const { recipients, hash } = await readRecipientRows(csv, defaults);
  const requestHash = hash.update(sortedJson(csv.query)).digest();
  return { request: initiateFromQuery(csv.query, recipients), requestHash };
}

function requestOfBody(
  body: Call<'InitiateCall'>['body'],
  largeParts: Call<'InitiateCall'>['largeParts'],
) {
  const recipients = largeParts ? joinRecipients(body, largeParts) : recipientsFromWire(body);
  const requestHash = largeParts?.requestHash ?? hash('sha256', JSON.stringify(body));
  return {
    request: initiateFromWire(body, recipients),
    requestHash: Buffer.from(requestHash, 'hex'),
  };
}
