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

const { Messages: _messages, Logs: _logs, ...summary } = EXAMPLE_CONVERSATION;
export const EXAMPLE_SUMMARY = summary;

export const EXAMPLE_PAGE = {
  Items: [EXAMPLE_SUMMARY],
  NextCursor: null,
  PreviousCursor: null,
  HasNextPage: false,
  HasPreviousPage: false,
  PageSize: 2,
  TotalCount: 1,
} as const;

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

export const EXAMPLE_USER = {
  UserId: 'user_01hm72c900e1v9x7q2m4t6b8zn',
  Email: 'ada@example.com',
  Name: 'Ada',
  IsAdmin: false,
  IsDisabled: false,
  CreatedAt: '2024-01-15T14:00:00Z',
} as const;

export const EXAMPLE_BUSINESS = {
  BusinessId: 12345,
  Name: 'Example Ltd',
  OwnerUserId: EXAMPLE_USER.UserId,
  IsDisabled: false,
  IsEditingEnabled: true,
  Retention: { TranscriptDays: null, RecordingDays: 90 },
  CreatedAt: '2024-01-15T14:00:00Z',
} as const;

export const EXAMPLE_API_KEY = {
  ApiKeyId: 'key_01hm72c900f3w5y7a9c1e3g5jk',
  UserId: EXAMPLE_USER.UserId,
  Name: 'reporting',
  BusinessIds: [12345],
  Permissions: { 'Conversations.ConversationPermissions': ['Retrieving'] },
  ExpiresAt: null,
  RevokedAt: null,
  CreatedAt: '2024-01-15T14:00:00Z',
} as const;
