import type {
  AgentType,
  ClientType,
  EndType,
  InitiationType,
  Level,
  Role,
  Status,
} from '@colloquy/wire';

// Instants are milliseconds since 1970. Conversations are equal exactly if their JSON is equal.

export interface Presence {
  readonly joinedAt: number;
  readonly leftAt: number | null;
  readonly leaveReason: string | null;
}

export interface Client extends Presence {
  readonly clientId: string;
  readonly clientType: ClientType;
  readonly phoneNumber?: string;
  readonly name?: string;
}

export interface Agent extends Presence {
  readonly agentId: string;
  readonly agentType: AgentType;
  readonly name?: string;
}

export interface Header {
  readonly id: string;
  readonly queueId: string | null;
  readonly status: Status;
  readonly startTime: number;
  readonly endTime: number | null;
  readonly endType: EndType | null;
  readonly clients: readonly Client[];
  readonly agents: readonly Agent[];
  readonly initiationType: InitiationType;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly endReason?: string;
  readonly source?: { readonly provider: string; readonly providerCallId?: string };
  readonly analysis?: Analysis;
  readonly cost?: Cost;
  readonly purged?: Partial<Readonly<Record<'transcript' | 'recordings' | 'logs', number>>>;
}

export interface Analysis {
  readonly summary?: string;
  readonly success?: string;
  readonly structured?: Readonly<Record<string, unknown>>;
}

export interface Cost {
  readonly amount: number;
  readonly currency: string;
  readonly parts?: Readonly<Record<string, number>>;
}

export interface Message {
  readonly senderId: string;
  readonly role: Role;
  readonly content: string;
  readonly at: number;
  readonly endedAt?: number;
  readonly wasInterrupted?: boolean;
  readonly confidence?: number;
  readonly words?: readonly Word[];
  readonly toolCall?: ToolCall;
  readonly metrics?: Readonly<Record<string, number>>;
}

export interface Word {
  readonly word: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly confidence?: number;
}

export interface ToolCall {
  readonly callId: string;
  readonly name: string;
  readonly arguments: unknown;
  readonly result?: unknown;
  readonly isError?: boolean;
  readonly latencyMs?: number;
}

export interface Log {
  readonly level: Level;
  readonly message: string;
  readonly at: number;
  readonly source?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface Conversation extends Header {
  readonly messages: readonly Message[];
  readonly logs: readonly Log[];
}

type Started = Pick<Header, 'initiationType' | 'queueId' | 'metadata' | 'source'>;

export type Event = { readonly eventId: string; readonly at: number } & (
  | ({ readonly type: 'started' } & Started)
  | ({ readonly type: 'clientJoined' } & Omit<Client, keyof Presence>)
  | ({ readonly type: 'clientLeft' } & Pick<Client, 'clientId' | 'leaveReason'>)
  | ({ readonly type: 'agentJoined' } & Omit<Agent, keyof Presence>)
  | ({ readonly type: 'agentLeft' } & Pick<Agent, 'agentId' | 'leaveReason'>)
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'log'; readonly log: Log }
  | { readonly type: 'statusChanged'; readonly status: Status }
  | {
      readonly type: 'ended';
      readonly status: 'Completed' | 'Failed';
      readonly endType: EndType;
      readonly endReason?: string;
    }
  // A live conversation that was written as a whole; later events apply to it.
  | { readonly type: 'written'; readonly conversation: Conversation }
);
export type EventType = Event['type'];

export const isFinal = (status: Status) => status === 'Completed' || status === 'Failed';

export function participantIds(header: Header): string[] {
  return [
    ...header.clients.map(({ clientId }) => clientId),
    ...header.agents.map(({ agentId }) => agentId),
  ];
}
