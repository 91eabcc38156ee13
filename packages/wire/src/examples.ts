/** The call of the documentation's first page; the demo data contains it. */
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
    { Level: 'Info', Message: 'Call connected successfully', Timestamp: '2024-01-15T14:30:00Z' },
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
  Attempts: 1,
  NextAttemptAt: null,
  ScheduledFor: null,
  ExpiresAt: null,
  Priority: 0,
  LastReason: null,
} as const;

export const EXAMPLE_INBOUND_QUEUE = {
  QueueId: 'queue_in_1',
  Status: 'Completed',
  EnqueuedAt: '2024-01-15T15:00:00Z',
  ProcessingStartedAt: '2024-01-15T15:00:01Z',
  CompletedAt: '2024-01-15T15:03:12Z',
  NumberId: 'number_1',
  RouteId: 'support',
  CallerNumber: '+15557654321',
  CallerE164: '+15557654321',
  SessionId: 'session_in_1',
  SessionStatus: 'Completed',
  SessionEndType: 'UserEndedCall',
  Attempts: 1,
  NextAttemptAt: null,
  ScheduledFor: null,
  ExpiresAt: null,
  Priority: 0,
  LastReason: null,
} as const;

export const EXAMPLE_HISTORY = {
  Entries: [
    {
      At: '2024-01-15T14:29:50Z',
      Decision: 'Enqueued',
      Reason: null,
      Details: 'Enqueued to call +15551234567 from number_1.',
    },
    {
      At: '2024-01-15T14:29:55Z',
      Decision: 'Leased',
      Reason: null,
      Details: 'Leased to worker dialer-1 until 2024-01-15T14:30:55Z, for attempt 1.',
    },
    {
      At: '2024-01-15T14:35:30Z',
      Decision: 'AttemptEnded',
      Reason: 'Normal',
      Details: 'Attempt 1 ended with Normal.',
    },
    {
      At: '2024-01-15T14:35:30Z',
      Decision: 'Completed',
      Reason: 'Normal',
      Details: 'Completed after attempt 1.',
    },
  ],
} as const;

export const EXAMPLE_INBOUND_HISTORY = {
  Entries: [
    {
      At: '2024-01-15T14:29:50Z',
      Decision: 'Enqueued',
      Reason: null,
      Details: 'Enqueued as a call from +15551234567 to number_1.',
    },
    {
      At: '2024-01-15T14:29:55Z',
      Decision: 'Leased',
      Reason: null,
      Details: 'Leased to worker desk-1 until 2024-01-15T14:30:55Z, for attempt 1.',
    },
  ],
} as const;

const { LastReason: _reason, ...leased } = EXAMPLE_OUTBOUND_QUEUE;
export const EXAMPLE_LEASED = {
  ...leased,
  Status: 'Processing',
  CompletedAt: null,
  SessionId: null,
  SessionStatus: null,
  SessionEndType: null,
  LastReason: null,
  LeaseToken: 'lease_01hm72c900f3w5y7a9c1e3g5jk',
  LeaseExpiresAt: '2024-01-15T14:30:55Z',
} as const;

export const EXAMPLE_CAMPAIGN = {
  CampaignId: 'spring',
  Name: 'Spring reminders',
  IsPaused: false,
  MaxConcurrent: 20,
  Windows: [{ Days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'], From: '09:00', To: '17:30' }],
  Retry: { MaxAttempts: 3, On: ['UserNoAnswer', 'UserDeclinedOrBusy'], DelaySeconds: 3600 },
  MaxAttemptsPerNumberPerDay: 2,
  AbandonAfterSeconds: 900,
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
  TimeZone: 'Europe/Berlin',
  Quotas: { ConversationsPerMonth: 1000, MinutesPerMonth: null, StoredBytes: null },
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
