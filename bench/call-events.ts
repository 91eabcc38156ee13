import type { ConversationEvent } from '@colloquy/wire';

const START = Date.parse('2025-06-01T09:00:00Z');
const SAID = 30;

function events(): ConversationEvent[] {
  let count = 0;
  const event = <E extends object>(seconds: number, rest: E) => ({
    EventId: `event-${String(count++).padStart(3, '0')}`,
    Timestamp: new Date(START + seconds * 1000).toISOString(),
    ...rest,
  });
  const said = Array.from({ length: SAID }, (_, index) =>
    event(5 + index * 6, {
      Type: 'MessageAdded' as const,
      SenderId: index % 2 === 0 ? 'agent_reception' : 'caller',
      Role: index % 2 === 0 ? 'Agent' : 'User',
      Content: `Sentence ${index}: there is room on Wednesday at ten or on Friday at half past three.`,
    }),
  );
  const logged = Array.from({ length: 5 }, (_, index) =>
    event(190 + index, {
      Type: 'LogAdded' as const,
      Level: 'Info',
      Message: `Step ${index} of the call's end`,
    }),
  );
  return [
    event(0, { Type: 'SessionStarted' as const, InitiationType: 'Inbound' }),
    event(1, { Type: 'ClientJoined' as const, ClientId: 'caller', ClientType: 'Phone' }),
    event(2, { Type: 'AgentJoined' as const, AgentId: 'agent_reception', AgentType: 'AI' }),
    ...said,
    ...logged,
    event(198, { Type: 'ClientLeft' as const, ClientId: 'caller', LeaveReason: 'Hangup' }),
    event(200, { Type: 'SessionEnded' as const, EndType: 'Normal' }),
  ];
}

/** The 40 events of a call from SessionStarted to SessionEnded. */
export const CALL_EVENTS: readonly ConversationEvent[] = events();
