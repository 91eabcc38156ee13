/** The body of PutConversation with its `Id`: one line of an import file, one call of the demo. */
export interface ConversationBody {
  Id: string;
  QueueId: string | null;
  Status: Status;
  StartTime: string;
  EndTime: string | null;
  EndType: EndType | null;
  Clients: Client[];
  Agents: Agent[];
  Messages: Message[];
  Logs: Log[];
  InitiationType: InitiationType;
  Metadata: Record<string, unknown>;
  EndReason?: string;
  Source?: { Provider: string; ProviderCallId: string };
}

export type Status = 'WaitingForPrimaryClient' | 'Active' | 'Paused' | 'Completed' | 'Failed';

export type InitiationType = 'Inbound' | 'Outbound' | 'Web';

export type EndType =
  | 'Normal'
  | 'UserEndedCall'
  | 'AgentEndedCall'
  | 'UserDeclinedOrBusy'
  | 'UserNoAnswer'
  | 'VoicemailDetected'
  | 'UserSilenceTimeoutReached'
  | 'MaxConversationDurationReached'
  | 'MidSessionFailure'
  | 'InitializeError'
  | 'ExpiredWaitingForInitialize'
  | 'Transferred'
  | 'Canceled';

export interface Client {
  ClientId: string;
  ClientType: 'Phone' | 'Web';
  JoinedAt: string;
  LeftAt: string | null;
  LeaveReason: string | null;
  PhoneNumber?: string;
  Name?: string;
}

export interface Agent {
  AgentId: string;
  AgentType: 'AI' | 'Human';
  JoinedAt: string;
  LeftAt: string | null;
  LeaveReason: string | null;
  Name?: string;
}

export interface Message {
  SenderId: string;
  Role: 'User' | 'Agent' | 'Tool';
  Content: string;
  Timestamp: string;
  EndedAt?: string;
  WasInterrupted?: boolean;
  Confidence?: number;
  Words?: Word[];
  ToolCall?: ToolCall;
  Metrics?: Record<`${string}Ms`, number>;
}

export interface Word {
  Word: string;
  StartMs: number;
  EndMs: number;
}

export interface ToolCall {
  CallId: string;
  Name: string;
  Arguments: unknown;
  Result?: unknown;
  IsError?: boolean;
  LatencyMs?: number;
}

export interface Log {
  Level: 'Trace' | 'Debug' | 'Info' | 'Warning' | 'Error' | 'Critical';
  Message: string;
  Timestamp: string;
  Source?: string;
  Details?: Record<string, unknown>;
}

/** RFC 3339 in UTC in the form of the API, with a fraction only if it is not zero. */
export function formatInstant(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('.000Z', 'Z');
}

/** The text of a tool's message; the complete result is in its `ToolCall`. */
export function describeToolCall(call: ToolCall): string {
  if (call.IsError) return `${call.Name} failed`;
  if (!Array.isArray(call.Result)) return `${call.Name} returned`;
  const count = call.Result.length;
  return `${call.Name} returned ${count} ${count === 1 ? 'result' : 'results'}`;
}
