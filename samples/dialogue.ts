import type { ToolCall } from './conversation.ts';

/** One dialogue of any data set, without planned times and voices. */
export interface Dialogue {
  /** Unique across data sets, and valid as a conversation's id. */
  id: string;
  provider: string;
  upstreamId: string;
  agentType: 'AI' | 'Human';
  agentId: string;
  clientName?: string;
  metadata: Record<string, unknown>;
  turns: Turn[];
  /** Only for data sets of recorded speech. */
  durationMs?: number;
}

export type Turn = SpeechTurn | ToolTurn;

export interface SpeechTurn {
  kind: 'speech';
  party: 'client' | 'agent';
  text: string;
  /** Recorded times from the start of the dialogue, if the data set has them. */
  startMs?: number;
  endMs?: number;
}

export interface ToolTurn {
  kind: 'tool';
  call: ToolCall;
}

/** A data set that cannot be read. The message is one sentence for the user. */
export class DataSetError extends Error {}
