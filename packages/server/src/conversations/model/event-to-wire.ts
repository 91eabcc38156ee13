import { formatInstant } from '../../kernel/instant.ts';
import type { Event } from './conversation.ts';
import { logToWire, messageToWire } from './document.ts';

export type SingleEvent = Exclude<Event, { readonly type: 'written' }>;

/** As AppendConversationEvents takes it. */
export function eventToWire(event: SingleEvent) {
  const [type, keys] = keysOf(event);
  const { Timestamp = formatInstant(event.at), ...rest } = keys;
  return { Type: type, EventId: event.eventId, Timestamp, ...rest };
}

function keysOf(event: SingleEvent): [type: string, keys: Readonly<Record<string, unknown>>] {
  switch (event.type) {
    case 'started':
      return [
        'SessionStarted',
        {
          InitiationType: event.initiationType,
          QueueId: event.queueId ?? undefined,
          Metadata: event.metadata,
          Source: event.source && {
            Provider: event.source.provider,
            ProviderCallId: event.source.providerCallId,
          },
        },
      ];
    case 'clientJoined':
      return [
        'ClientJoined',
        {
          ClientId: event.clientId,
          ClientType: event.clientType,
          PhoneNumber: event.phoneNumber,
          Name: event.name,
        },
      ];
    case 'clientLeft':
      return ['ClientLeft', { ClientId: event.clientId, ...leaveKeys(event) }];
    case 'agentJoined':
      return [
        'AgentJoined',
        { AgentId: event.agentId, AgentType: event.agentType, Name: event.name },
      ];
    case 'agentLeft':
      return ['AgentLeft', { AgentId: event.agentId, ...leaveKeys(event) }];
    case 'message':
      return ['MessageAdded', messageToWire(event.message)];
    case 'log':
      return ['LogAdded', logToWire(event.log)];
    case 'statusChanged':
      return ['StatusChanged', { Status: event.status }];
    case 'ended':
      return [
        'SessionEnded',
        { EndType: event.endType, EndReason: event.endReason, Status: event.status },
      ];
  }
}

const leaveKeys = ({ leaveReason }: { readonly leaveReason: string | null }) => ({
  LeaveReason: leaveReason ?? undefined,
});
