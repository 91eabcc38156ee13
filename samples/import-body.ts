import {
  type ConversationBody,
  describeToolCall,
  formatInstant,
  type Message,
} from './conversation.ts';
import type { Dialogue, SpeechTurn } from './dialogue.ts';

/** About 150 words per minute. */
const MS_PER_WORD = 400;
const GAP_MS = 500;
const TOOL_MS = 800;
/** Not a whole number of seconds, to test fractions in imports. */
const MS_BETWEEN_STARTS = 307_013;

/** The conversation at `index` of a data set whose first one starts at `epochMs`. */
export function toImportBody(dialogue: Dialogue, index: number, epochMs: number): ConversationBody {
  const start = epochMs + index * MS_BETWEEN_STARTS;
  const clientId = `${dialogue.id}-client`;
  const timed = timeTurns(dialogue);
  const end =
    start + Math.max(dialogue.durationMs ?? 0, ...timed.map((turn) => turn.endMs + GAP_MS));
  const presence = {
    JoinedAt: formatInstant(start),
    LeftAt: formatInstant(end),
    LeaveReason: null,
  };
  return {
    Id: dialogue.id,
    QueueId: null,
    Status: 'Completed',
    StartTime: formatInstant(start),
    EndTime: formatInstant(end),
    EndType: 'Normal',
    Clients: [
      {
        ClientId: clientId,
        ClientType: 'Web',
        ...presence,
        ...(dialogue.clientName !== undefined && { Name: dialogue.clientName }),
      },
    ],
    Agents: [{ AgentId: dialogue.agentId, AgentType: dialogue.agentType, ...presence }],
    Messages: timed.map(({ turn, startMs, endMs }): Message => {
      const times = {
        Timestamp: formatInstant(start + startMs),
        EndedAt: formatInstant(start + endMs),
      };
      if (turn.kind === 'tool') {
        return {
          SenderId: dialogue.agentId,
          Role: 'Tool',
          Content: describeToolCall(turn.call),
          ...times,
          ToolCall: turn.call,
        };
      }
      return {
        SenderId: turn.party === 'client' ? clientId : dialogue.agentId,
        Role: turn.party === 'client' ? 'User' : 'Agent',
        Content: turn.text,
        ...times,
        ...(wasInterrupted(turn, dialogue) && { WasInterrupted: true }),
      };
    }),
    Logs: [],
    InitiationType: 'Web',
    Metadata: { ...dialogue.metadata, Timing: dialogue.durationMs ? 'real' : 'synthetic' },
    Source: { Provider: dialogue.provider, ProviderCallId: dialogue.upstreamId },
  };
}

function timeTurns(dialogue: Dialogue) {
  let cursor = GAP_MS;
  return dialogue.turns.map((turn) => {
    if (turn.kind === 'speech' && turn.startMs !== undefined && turn.endMs !== undefined) {
      return { turn, startMs: turn.startMs, endMs: turn.endMs };
    }
    const length = turn.kind === 'tool' ? TOOL_MS : turn.text.split(/\s+/).length * MS_PER_WORD;
    const startMs = cursor;
    cursor += length + GAP_MS;
    return { turn, startMs, endMs: startMs + length };
  });
}

/** For recorded times: true if another speaker began before this turn was over. */
function wasInterrupted(turn: SpeechTurn, dialogue: Dialogue): boolean {
  const { party, startMs, endMs } = turn;
  if (startMs === undefined || endMs === undefined) return false;
  return dialogue.turns.some(
    (other) =>
      other.kind === 'speech' &&
      other.party !== party &&
      other.startMs !== undefined &&
      other.startMs > startMs &&
      other.startMs < endMs,
  );
}
