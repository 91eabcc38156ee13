import type { OpName } from '@colloquy/wire';

const pageNotes = {
  NextCursor: 'For the page after this one; null on the last',
  PreviousCursor: 'For the page before this one; null on the first',
  HasNextPage: 'Agrees with `NextCursor`',
  HasPreviousPage: 'Agrees with `PreviousCursor`',
  PageSize: 'The `Limit` of the request',
};
const queueNotes = {
  ProcessingStartedAt: 'When the last attempt began; null before the first',
  CompletedAt: 'When it ended, with whatever `Status`; null until then',
  SessionId: 'The conversation of the last attempt',
  SessionStatus: 'Of that conversation',
  SessionEndType: 'Of that conversation',
  NextAttemptAt:
    'When a call that waits is due; null where nothing lets it through as things stand',
};
const leaseNotes = {
  LeaseToken: 'Goes with every report of this attempt',
  LeaseExpiresAt: 'The call is given back then, unless a heartbeat moves this',
};
const queueFilterNotes = {
  StartCreatedDate: '`EnqueuedAt` is this or later',
  EndCreatedDate: '`EnqueuedAt` is this or earlier',
  StartCompletedAtDate: '`CompletedAt` is this or later',
  EndCompletedAtDate: '`CompletedAt` is this or earlier',
  QueueStatusTypes: '`Status` is any of these',
  IsDue:
    'It waits and could be made at once, as far as its time goes, in no paused campaign: what `Due` of GetQueueAnalytics counts. Of more than 10,000 the list has those that come first',
};
const holdFilterNotes = {
  description:
    'Conversations match all of the keys that are given. An empty array filters nothing.',
  StartStartedDate: '`StartTime` is this or later',
  EndStartedDate: '`StartTime` is this or earlier',
  SessionStates: '`Status` is any of these',
  SessionInitiationTypes: '`InitiationType` is any of these',
  SessionEndTypes: '`EndType` is any of these',
};

/** What a schema means (`description`), and what its properties mean that say nothing themselves. */
export const SCHEMA_NOTES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Conversation: {
    description:
      'A conversation with its transcript and logs. One that is still going on has the same keys, with what there is so far.',
    QueueId: 'The queue entry that led to it, if any',
    EndTime: 'null while it is going on',
    EndType: 'null while it is going on',
    Messages: 'In time order; ties in the order they arrived',
    Logs: 'In time order; ties in the order they arrived',
    EndReason: 'What the engine itself called the end',
    Recordings: 'What was recorded; absent where nothing was',
  },
  ConversationSummary: {
    description: 'A conversation without `Messages` and `Logs`',
    QueueId: 'The queue entry that led to it, if any',
    EndTime: 'null while it is going on',
    EndType: 'null while it is going on',
    EndReason: 'What the engine itself called the end',
    Recordings: 'What was recorded; absent where nothing was',
  },
  ListedConversation: {
    description:
      'A conversation in a list: `Messages` and `Logs` only where `Include` asks for them',
    EndTime: 'null while it is going on',
    EndType: 'null while it is going on',
  },
  ConversationPage: pageNotes,
  ConversationFilter: {
    ...holdFilterNotes,
    DurationsFromSeconds:
      'It has ended, and was as long as any of these classes: each from these seconds on, to below the next larger of them',
  },
  HoldFilter: holdFilterNotes,
  Client: { description: 'A person in the conversation', LeftAt: 'null while still there' },
  Agent: { description: 'An agent in the conversation', LeftAt: 'null while still there' },
  Message: {
    description: 'Something that was said. The keys after `Timestamp` are there only with a value.',
    SenderId: 'Mostly the id of a participant',
    EndedAt: 'When the speaker had finished',
    WasInterrupted: 'Whether the speaker was cut off',
    Confidence: "The recogniser's",
    ToolCall: 'With Role `Tool`',
  },
  Word: { StartMs: "From the message's start", EndMs: "From the message's start" },
  ToolCall: { Arguments: 'Any JSON; at most 1 MiB', Result: 'Any JSON; at most 1 MiB' },
  Recording: {
    ParticipantId: 'null: of everybody (`Mixed`)',
    DurationSeconds:
      'null where the container does not tell; measured again when the waveform is made',
    StartTime: 'When the first sample was taken; absent if the upload did not say',
    AudioUrl: 'Pre-signed: works with GET and Range until it expires',
  },
  Source: {
    description: 'Where the conversation came from',
    ProviderCallId: 'What the provider calls it',
  },
  PutConversationBody: {
    description:
      'What GetConversation gives, so that what was read can be written back. `EndTime` and `EndType` are required exactly when `Status` is final.',
    EndTime: 'Not before `StartTime`',
    QueueId: 'Need not exist',
  },
  MessageInput: { SenderId: 'Need not be the id of a participant' },
  ConversationEvent: {
    description: 'Something that happens in a conversation. `Type` says which keys it has.',
  },
  SessionStarted: {
    description: 'The first event, once. `Timestamp` becomes `StartTime`; the status is `Active`.',
    EventId: 'Unique within the conversation; a repeat is counted, not applied again',
  },
  ClientJoined: {
    description:
      'Who joins again is back: `JoinedAt` stays the first time, `LeftAt` is null again.',
  },
  ClientLeft: { description: 'Only of a client who has joined; `CONFLICT` otherwise' },
  AgentJoined: {
    description:
      'Who joins again is back: `JoinedAt` stays the first time, `LeftAt` is null again.',
  },
  AgentLeft: { description: 'Only of an agent who has joined; `CONFLICT` otherwise' },
  MessageAdded: { description: 'Also taken for a while after the end' },
  LogAdded: { description: 'Also taken for a while after the end' },
  StatusChanged: { description: 'To a status that is not final' },
  SessionEnded: {
    description: '`Timestamp` becomes `EndTime`; whoever has not left leaves then.',
    EndReason: 'What the engine itself called the end',
    Status: '`Completed` unless it says otherwise',
  },
  OutboundQueue: {
    description: 'A call to be made, and what became of it',
    ...queueNotes,
    CampaignId: 'null where it belongs to none',
    ScheduledFor: 'It is not made before; null: from the start',
    ExpiresAt: 'Where it still waits then it is `Expired`; null: never',
  },
  OutboundQueuePage: pageNotes,
  OutboundQueueFilter: {
    description: 'Calls match all of the keys that are given. An empty array filters nothing.',
    ...queueFilterNotes,
    StartScheduledDate: '`ScheduledFor` is this or later',
    EndScheduledDate: '`ScheduledFor` is this or earlier',
    CallingNumberIds: '`NumberId` is any of these',
    CallingNumberProviders: 'The `NumberProvider` that it was given is any of these',
    RecipientNumbers: '`RecipientNumber` is any of these',
  },
  InboundQueue: { description: 'A call that came in, and what became of it', ...queueNotes },
  InboundQueuePage: pageNotes,
  InboundQueueFilter: {
    description: 'Calls match all of the keys that are given. An empty array filters nothing.',
    ...queueFilterNotes,
    CallingNumbers: '`CallerE164`, or `CallerNumber` if that is not a number, is any of these',
    RouteNumberProviders: 'The `Provider` that it was given is any of these',
    RouteNumberIds: '`NumberId` is any of these',
  },
  LeasedOutboundCall: { description: 'A call to be made, handed to a worker', ...leaseNotes },
  LeasedInboundCall: { description: 'A call that came in, handed to a worker', ...leaseNotes },
  HistoryEntry: { description: 'A decision that was taken about a call' },
  Recipient: {
    description: 'Somebody to be called',
    RecipientNumber: 'As people write numbers; kept in E.164',
    DynamicVariables: 'Beside those of the request; of two with one name this counts',
    Metadata: 'Beside that of the request; of two with one name this counts',
    TimeZone: "Where the recipient is; without it the request's",
  },
  Schedule: {
    description: 'When a call may be made',
    DateTimeUTC: 'Not before; at once without it',
    MaxDateTimeUTC: 'Given up as `Expired` where it still waits then',
  },
  Window: { description: 'A stretch of some days of the week in which calls may be made' },
  Campaign: {
    description: 'What holds for the calls that name it',
    MaxConcurrent: 'Calls under way at once; null: no limit',
    Windows: 'Of its calls that have none of their own',
    MaxAttemptsPerNumberPerDay: 'Attempts on one number in a day of its zone; null: no limit',
  },
  ListedCampaign: { description: 'A campaign and its calls by status' },
  Business: {
    OwnerUserId: 'May use the business without being named anywhere else',
    IsDisabled: 'Every request for it is `BUSINESS_DISABLED`',
    IsEditingEnabled: 'Every request for it is `BUSINESS_EDITING_DISABLED` unless true',
    Retention: 'Days that transcripts and recordings are kept; null: for ever',
  },
  ApiKey: {
    BusinessIds: 'null: all businesses of its user',
    Permissions: 'null: `Full` on every module',
    ExpiresAt: 'null: never',
    RevokedAt: 'null: it has not been',
  },
  Permissions: {
    description: 'The types of permission by module. A module that is left out: none.',
  },
};

/** Rules of an operation that neither its schemas nor its summary say. */
export const OPERATION_NOTES: Partial<Record<OpName, string>> = {
  GetConversations:
    'Without a body: the first page by the defaults. Walking forward to the end and back again meets each conversation that existed at the start exactly once, also while new ones arrive. A `Filter` beside a cursor is accepted only when it means the same as the one that made it, and is `INVALID_CURSOR` otherwise; so are both cursors at once. With `Include` the page is streamed.',
  GetConversation:
    '`AudioUrl` is a pre-signed URL that works without a key for 15 to 30 minutes (a setting, and half of it), or null where there is no recording; it stays the same for 15 minutes. The `ETag` is that of the very bytes that this reader is sent, so give it back in `If-None-Match` when polling: 304 says that nothing has changed. A 304 takes the same permission, and is logged in the audit log like any read. A key that reads what is masked is given a copy that is silent where that is said, and null until there is one.',
  PutConversation:
    'With `Adding` alone an existing conversation cannot be changed (`CONFLICT`); with `Editing` alone none can be created (`PERMISSION_DENIED`). `Id` (where it equals the path), every `AudioUrl` and `Recordings` are accepted and ignored. Participant ids are unique within the conversation. On a conversation that was fed by events it takes their place. A key that reads what is masked changes nothing by writing back what it read, and is refused (`CONFLICT`) where it has changed that; `AudioUrl` is in the answer only for keys that may read.',
  AppendConversationEvents:
    'A session begins with `SessionStarted`: for an unknown session any other first event is `NOT_FOUND`, and a second `SessionStarted` is a `CONFLICT`. After `SessionEnded`, `MessageAdded`, `LogAdded`, `ClientLeft` and `AgentLeft` are taken for 15 minutes (a setting), other types are a `CONFLICT`; then the conversation is sealed and any new event is `SESSION_SEALED`, while known `EventId`s are still counted as duplicates. `ClientLeft` or `AgentLeft` of somebody who has not joined is a `CONFLICT`. A known `EventId` with other content is a duplicate: the first one counts. A `SessionEnded` before `StartTime` is `INVALID_REQUEST`. A conversation holds at most 20,000 messages, 50,000 logs and 16 MiB.',
  PutRecording:
    'Taken in any status, after sealing too. With `Adding` alone another recording cannot be replaced (`CONFLICT`) unless the bytes are the same. Where the Content-Type and the bytes disagree the bytes decide. `video/webm`, `video/mp4`, `application/octet-stream` and no Content-Type are accepted if the bytes are audio; with a video track they are refused (`UNSUPPORTED_MEDIA_TYPE`). `StartTime` belongs to the upload: the next one replaces it or, without one, removes it. Without it a silenced copy of a recording that is shorter than 90 % of its conversation is silent wherever it may have what is masked: give it, so that no more than that is silent. A `StartTime` by which the recording lies wholly outside of the conversation is returned, but not used. A body that is cut off leaves nothing behind.',
  CreateUser: 'An e-mail address that is taken, whatever its case, is a `CONFLICT`.',
  UpdateUser: 'What is left out stays. The last enabled admin stays one (`CONFLICT`).',
  CreateBusiness:
    'Without `BusinessId` it gets the next free number; one that is taken is a `CONFLICT`.',
  UpdateBusiness: 'What is left out stays.',
  CreateApiKey:
    'An unknown `UserId`, a business that the user may not use and an `ExpiresAt` in the past are `INVALID_REQUEST`.',
  RevokeApiKey: 'Revoking again changes nothing.',
};

/** Rows of the operations that take them. */
export const CSV_EXAMPLES: Partial<Record<OpName, string>> = {
  InitiateCall: 'RecipientNumber,TimeZone,name\n+15551234567,America/New_York,Ada\n',
  AddDoNotCall: 'phone,added\n+15551234567,2024-01-15\n',
};

/** What the header means, where an operation takes it. */
export const IDEMPOTENCY_KEY = {
  means:
    '1 to 255 printable ASCII characters that name this request: a repeat within 24 hours is given the first answer, and nothing is done twice. With another request it is a `CONFLICT`.',
  example: 'reminders-2024-01-15',
};

/** What a parameter in a path means, and a value for the examples. */
export const PARAMETERS: Readonly<Record<string, { means: string; example: string | number }>> = {
  businessId: { means: 'The business', example: 12345 },
  sessionId: { means: "The conversation's id", example: 'session_abc123' },
  queueId: { means: "The queue entry's id", example: 'queue_xyz789' },
  campaignId: { means: "The campaign's id", example: 'spring' },
  erasureId: { means: "The erasure's id", example: 'erasure_01k0n6a2p4rj8xq0v7m3c5t9ey' },
  previewId: { means: "The preview's id", example: 'preview_01k0n6a2p4rj8xq0v7m3c5t9ey' },
  holdId: { means: "The hold's id", example: 'hold_01k0n5wq7mfd3c8v2t1b9xz4ae' },
  invitationId: {
    means: "The invitation's id",
    example: 'invitation_01hm72c900g5t2w8z4b6d8f1hk',
  },
  number: { means: 'The number, in E.164', example: '+15551234567' },
  participantId: {
    means: 'A ClientId or AgentId of the conversation, or `_mixed`',
    example: 'client_123',
  },
  userId: { means: "The user's id", example: 'user_01hm72c900e1v9x7q2m4t6b8zn' },
  apiKeyId: { means: "The key's id; not the key", example: 'key_01hm72c900f3w5y7a9c1e3g5jk' },
};
