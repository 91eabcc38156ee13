import type { NewCall } from '../packages/server/src/queues/add-store.ts';
import {
  type InboundCall,
  type OutboundCall,
  UNDECIDED,
} from '../packages/server/src/queues/call.ts';

/** An outbound call as no request makes it: ended at will, or enqueued long ago. */
export function outboundCall(
  call: Partial<OutboundCall> & Pick<OutboundCall, 'id' | 'enqueuedAt'>,
): NewCall<OutboundCall> {
  return {
    call: {
      direction: 'outbound',
      ...UNDECIDED,
      priority: 0,
      numberId: 'n1',
      dynamicVariables: '{}',
      metadata: '{}',
      campaignId: null,
      numberProvider: null,
      recipientNumber: '+4930123456',
      timeZone: null,
      windows: null,
      retry: null,
      isByMaskedKey: false,
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
      ...UNDECIDED,
      priority: 0,
      numberId: 'n1',
      routeId: null,
      provider: 'carrier',
      providerCallId: call.id,
      callerNumber: '+4930123456',
      callerE164: '+4930123456',
      ...call,
    },
    rows: [],
  };
}
