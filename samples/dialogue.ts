import type { ToolCall } from './conversation.ts';

/** One dialogue of any data set, before anybody decided when and how it was spoken. */
export interface Dialogue {
  /** Unique over all data sets, and allowed as a conversation's id. */
  id: string;
  provider: string;
  /** What upstream calls this dialogue. */
  upstreamId: string;
  agentType: 'AI' | 'Human';
  agentId: string;
  clientName?: string;
  metadata: Record<string, unknown>;
  turns: Turn[];
  /** Only where upstream recorded the real thing. */
  durationMs?: number;
}

export type Turn = SpeechTurn | ToolTurn;

export interface SpeechTurn {
  kind: 'speech';
  party: 'client' | 'agent';
  text: string;
  /** Real times from the start of the dialogue, where the data set has them. */
  startMs?: number;
  endMs?: number;
}

export interface ToolTurn {
  kind: 'tool';
  call: ToolCall;
}

/** A data set that could not be read, said in one sentence that a person can act on. */
export class DataSetError extends Error {}
