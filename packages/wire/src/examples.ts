/** The call of the documentation's first page; the demo data holds exactly this. */
export const EXAMPLE_CONVERSATION = {
  Id: 'session_abc123',
  QueueId: 'queue_xyz789',
  Status: 'Completed',
  StartTime: '2024-01-15T14:30:00Z',
  EndTime: '2024-01-15T14:35:30Z',
  EndType: 'Normal',
  Clients: [
    {
      ClientId: 'client_123',
      ClientType: 'Phone',
      JoinedAt: '2024-01-15T14:30:00Z',
      LeftAt: '2024-01-15T14:35:30Z',
      LeaveReason: 'Hangup',
      AudioUrl: null,
    },
  ],
  Agents: [
    {
      AgentId: 'agent_xyz',
      AgentType: 'AI',
      JoinedAt: '2024-01-15T14:30:02Z',
      LeftAt: '2024-01-15T14:35:30Z',
      LeaveReason: null,
      AudioUrl: null,
    },
  ],
  Messages: [
    {
      SenderId: 'agent_xyz',
      Role: 'Agent',
      Content: 'Hello! Thanks for calling. How can I help you today?',
      Timestamp: '2024-01-15T14:30:02Z',
    },
    {
      SenderId: 'client_123',
      Role: 'User',
      Content: "I'd like to know more about your pricing.",
      Timestamp: '2024-01-15T14:30:05Z',
    },
  ],
  Logs: [
    {
      Level: 'Info',
      Message: 'Call connected successfully',
      Timestamp: '2024-01-15T14:30:00Z',
    },
  ],
  InitiationType: 'Outbound',
  Metadata: {},
} as const;

const { Id: _id, ...put } = EXAMPLE_CONVERSATION;
export const EXAMPLE_PUT = put;

export const EXAMPLE_EVENTS = {
  Events: [
    {
      EventId: 'evt_1',
      Type: 'SessionStarted',
      Timestamp: '2024-01-15T14:30:00Z',
      InitiationType: 'Inbound',
    },
    {
      EventId: 'evt_2',
      Type: 'ClientJoined',
      Timestamp: '2024-01-15T14:30:00Z',
      ClientId: 'client_123',
      ClientType: 'Phone',
      PhoneNumber: '+15551234567',
    },
    {
      EventId: 'evt_3',
      Type: 'MessageAdded',
      Timestamp: '2024-01-15T14:30:05Z',
      SenderId: 'client_123',
      Role: 'User',
      Content: "I'd like to know more about your pricing.",
    },
  ],
} as const;

export const EXAMPLE_OUTBOUND_QUEUE = {
  QueueId: 'queue_xyz789',
  Status: 'Completed',
  EnqueuedAt: '2024-01-15T14:29:50Z',
  ProcessingStartedAt: '2024-01-15T14:29:55Z',
  CompletedAt: '2024-01-15T14:35:30Z',
  DynamicVariables: {},
  Metadata: {},
  CampaignId: null,
  NumberId: 'number_1',
  RecipientNumber: '+15551234567',
  SessionId: 'session_abc123',
  SessionStatus: 'Completed',
  SessionEndType: 'Normal',
} as const;
