import type { QueueStatus } from '@colloquy/wire';
import { requestText } from './http-connection.ts';
import type { ReportRequest } from './leased-call.ts';
import { AUTHORIZATION, type BenchSetup, type Business } from './setup.ts';

/** The maximum of recipients per request. */
export const MAX_RECIPIENTS = 10_000;
export const NUMBER_ID = 'number_1';

export async function newBusiness({ api }: BenchSetup, Name: string, count = 0): Promise<Business> {
  const { BusinessId } = await api.createBusiness({ Name });
  return { businessId: BusinessId, count };
}

function recipients(from: number, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    RecipientNumber: `+1202${String(2_000_000 + from + index)}`,
    DynamicVariables: { name: `Ada Lovelace ${from + index}`, appointment: '2026-03-02 at 10:30' },
    Metadata: { customer: `customer_${from + index}` },
  }));
}

export const initiateBody = (CampaignId: string, from: number, count: number) => ({
  CampaignId,
  NumberId: NUMBER_ID,
  NumberProvider: 'twilio',
  Recipients: recipients(from, count),
});

const post = ({ businessId }: Business, path: string, body: object) =>
  requestText('POST', `/api/v1/business/${businessId}${path}`, AUTHORIZATION, JSON.stringify(body));

export function initiateCall(business: Business, body: object): string {
  return post(business, '/call/initiate', body);
}

export function leaseCall(business: Business, WaitSeconds = 0): string {
  const lease = { WorkerId: 'bench', Max: 1, LeaseSeconds: 60, WaitSeconds };
  return post(business, '/queues/outbound/lease', lease);
}

/** A CompleteOutboundCall report, or a FailOutboundCall after which the call waits again. */
export function reportOf({ businessId }: Business, kind: 'complete' | 'giveBack'): ReportRequest {
  const path = `/api/v1/business/${businessId}/queues/outbound/%id%`;
  const failure = { EndType: 'UserNoAnswer', Retryable: true };
  return {
    path: `${path}/${kind === 'complete' ? 'complete' : 'fail'}`,
    headers: AUTHORIZATION,
    body: JSON.stringify({ LeaseToken: '%token%', ...(kind === 'giveBack' && failure) }),
  };
}

/** @throws if the number of calls with a status, or their count, is wrong. */
export async function checkCalls(
  { api, database }: BenchSetup,
  { businessId }: Business,
  status: QueueStatus,
  expected: number,
): Promise<void> {
  const filter = { businessId, QueueStatusTypes: [status] };
  const counted = await api.countOutboundQueues(filter as never);
  const { rows } = await database.sql.query<{ count: string }>(
    'SELECT count(*) FROM outbound_calls WHERE business_id = $1 AND status = $2',
    [businessId, status],
  );
  const there = Number(rows[0]?.count);
  if (there !== expected || counted !== expected) {
    throw new Error(`${expected} calls should be ${status}; ${there} are, and ${counted} counted`);
  }
}
