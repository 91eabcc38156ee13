import type { NewCall } from '../packages/server/src/queues/add-store.ts';
import type { InboundCall, OutboundCall } from '../packages/server/src/queues/call.ts';

const STATE = {
  status: 'Queued',
  processingStartedAt: null,
  completedAt: null,
  sessionId: null,
  sessionStatus: null,
  sessionEndType: null,
  attempts: 0,
  lostLeases: 0,
  nextAttemptAt: null,
  dueFrom: null,
  windowClosesAt: null,
  plan: 0,
  scheduledFor: null,
  expiresAt: null,
  priority: 0,
  lastReason: null,
  leaseToken: null,
  leaseExpiresAt: null,
  decisions: 0,
} as const;

/** An outbound call as no request makes it: ended at will, or enqueued long ago. */
export function outboundCall(
  call: Partial<OutboundCall> & Pick<OutboundCall, 'id' | 'enqueuedAt'>,
): NewCall<OutboundCall> {
  return {
    call: {
      direction: 'outbound',
      ...STATE,
      numberId: 'n1',
      dynamicVariables: '{}',
      metadata: '{}',
      campaignId: null,
      numberProvider: null,
      recipientNumber: '+4930123456',
      timeZone: null,
      windows: null,
      retry: null,
      ...call,
    },
    rows: [],
  };
}

export function inboundCall(
  call: Partial<InboundCall> & Pick<InboundCall, 'id' | 'enqueuedAt'>,
): NewCall<InboundCall> {
  return {
    call: {
      direction: 'inbound',
      ...STATE,
      numberId: 'n1',
      routeId: null,
      provider: 'carrier',
      providerCallId: call.id,
      callerNumber: '+4930123456',
      ...call,
    },
    rows: [],
  };
}
