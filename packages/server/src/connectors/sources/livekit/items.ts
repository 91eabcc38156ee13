import {
  type Fields,
  fieldsOf,
  filledOf,
  instantOf,
  jsonOrText,
  numberOf,
  textOf,
  type Warnings,
} from '../fields.ts';
import type { ReportedAgent, ReportedLog, ReportedMessage } from '../source.ts';
import { inTimeOrder } from '../time-order.ts';
import { ITEM_FIELDS, METRIC_FIELDS } from './known-fields.ts';

type Role = 'User' | 'Agent' | 'System';

const ROLES: Readonly<Record<string, Role>> = {
  user: 'User',
  assistant: 'Agent',
  system: 'System',
  developer: 'System',
};

interface Item {
  readonly fields: Fields;
  readonly at: number | null;
}

/** Collects what the items of a chat history say. */
class History {
  readonly messages: ReportedMessage[] = [];
  readonly logs: ReportedLog[] = [];
  readonly agents = new Map<string, ReportedAgent>();
  readonly callAt = new Map<string, number>();
  agentId: string | null = null;
}

export function readItems(rows: readonly Fields[], warnings: Warnings) {
  const items = inTimeOrder(rows.map(itemOf));
  const history = new History();
  for (const item of items) {
    warnings.unknownFields('chat_history.items.', item.fields, ITEM_FIELDS);
    const read = Object.hasOwn(READERS, textOf(item.fields.type) ?? '')
      ? READERS[textOf(item.fields.type) ?? '']
      : undefined;
    if (read) read(history, item, warnings);
    else warnings.unknownValue('item type', item.fields.type);
  }
  const { messages, logs } = history;
  const agents = [...history.agents.values()];
  const earliest = items.find(({ at }) => at !== null)?.at ?? null;
  return { messages, logs, agents, earliest };
}

/** A realtime model transcribes late, so the time is when the speaker began. */
function itemOf(fields: Fields): Item {
  const { started_speaking_at } = fieldsOf(fields.metrics);
  return { fields, at: instantOf(started_speaking_at) ?? instantOf(fields.created_at) };
}

type Reader = (history: History, item: Item, warnings: Warnings) => void;

const READERS: Readonly<Record<string, Reader>> = {
  message: readMessage,
  function_call: readCall,
  function_call_output: readOutput,
  agent_handoff: readHandoff,
  agent_config_update: readConfigUpdate,
};

function readMessage(history: History, { fields, at }: Item, warnings: Warnings): void {
  const given = textOf(fields.role) ?? '';
  const role = Object.hasOwn(ROLES, given) ? ROLES[given] : undefined;
  if (!role) warnings.unknownValue('role', fields.role);
  const metrics = fieldsOf(fields.metrics);
  warnings.unknownFields('chat_history.items.metrics.', metrics, METRIC_FIELDS);
  const content = contentOf(fields.content, warnings);
  if (content === '') {
    const message = `A turn without text: ${given || 'no role'}`;
    history.logs.push({ level: 'Debug', message, at, source: 'livekit' });
    return;
  }
  const endedAt = instantOf(metrics.stopped_speaking_at);
  const confidence = numberOf(fields.transcript_confidence);
  const latencies = latenciesOf(metrics);
  history.messages.push({
    senderId: role === 'Agent' ? history.agentId : null,
    role: role ?? 'System',
    content: role === 'Agent' ? withoutMarkup(content) : content,
    at,
    ...(endedAt !== null && { endedAt }),
    ...(fields.interrupted === true && { wasInterrupted: true }),
    ...(confidence !== null && { confidence }),
    ...(latencies && { metrics: latencies }),
  });
}

/** Texts, and what was said in audio; pictures have no text. */
function contentOf(content: unknown, warnings: Warnings): string {
  const parts = Array.isArray(content) ? content : [content];
  return parts
    .flatMap((part) => {
      const text = textOf(part) ?? textOf(fieldsOf(part).transcript);
      if (text === null && typeof part === 'object' && part !== null) {
        warnings.unknownValue('content', fieldsOf(part).type);
      }
      return text === null ? [] : [text];
    })
    .join('\n');
}

/** How a voice is to say it, such as `<expr type="laugh"/>`. */
const withoutMarkup = (text: string) => text.replaceAll(/ ?<\/?expr\b[^<>]*>/gi, '').trim();

const LATENCIES: Readonly<Record<string, string>> = {
  transcription_delay: 'TranscriptionDelayMs',
  end_of_turn_delay: 'EndOfTurnDelayMs',
  on_user_turn_completed_delay: 'OnUserTurnCompletedDelayMs',
  llm_node_ttft: 'LlmNodeTtftMs',
  llm_node_ttfs: 'LlmNodeTtfsMs',
  tts_node_ttfb: 'TtsNodeTtfbMs',
  playback_latency: 'PlaybackLatencyMs',
  e2e_latency: 'E2eLatencyMs',
};

function latenciesOf(metrics: Fields): Record<string, number> | null {
  const known = Object.entries(LATENCIES).flatMap(([name, ours]) => {
    const seconds = numberOf(metrics[name]);
    return seconds === null ? [] : [[ours, Math.round(seconds * 1e6) / 1000] as const];
  });
  return known.length === 0 ? null : Object.fromEntries(known);
}

function readCall(history: History, { fields, at }: Item): void {
  const callId = textOf(fields.call_id) ?? 'unknown';
  history.callAt.set(callId, history.messages.length);
  history.messages.push({
    senderId: history.agentId,
    role: 'Tool',
    content: '',
    at,
    toolCall: {
      callId,
      name: textOf(fields.name) ?? 'unknown',
      arguments: jsonOrText(fields.arguments),
    },
  });
}

/** An output belongs to the message of its call. */
function readOutput(history: History, { fields, at }: Item): void {
  const callId = textOf(fields.call_id) ?? 'unknown';
  const name = textOf(fields.name) ?? 'unknown';
  const index = history.callAt.get(callId) ?? history.messages.length;
  const call = history.messages[index] ?? {
    senderId: history.agentId,
    role: 'Tool',
    content: '',
    at,
  };
  const latencyMs = typeof call.at === 'number' && at !== null ? at - call.at : null;
  const isError = fields.is_error === true;
  history.messages[index] = {
    ...call,
    toolCall: {
      ...(call.toolCall ?? { callId, name, arguments: null }),
      result: jsonOrText(fields.output),
      isError,
      ...(call.toolCall && latencyMs !== null && { latencyMs }),
    },
  };
  if (!isError) return;
  const message = `The tool ${name} failed.`;
  history.logs.push({
    level: 'Error',
    message,
    at,
    source: 'livekit',
    details: { CallId: callId },
  });
}

/** Closes the presence of one agent and opens that of the next, who may have been there before. */
function readHandoff(history: History, { fields, at }: Item): void {
  const from = textOf(fields.old_agent_id);
  const to = textOf(fields.new_agent_id);
  if (from !== null) {
    if (history.agents.size === 0) claimEarlier(history, from);
    const before = history.agents.get(from) ?? { agentId: from, agentType: 'AI' };
    history.agents.set(from, { ...before, leftAt: at, leaveReason: 'agent_handoff' });
    const message = `Handed off from ${from} to ${to ?? 'no agent'}`;
    history.logs.push({ level: 'Info', message, at, source: 'livekit' });
  }
  if (to !== null) {
    const before = history.agents.get(to);
    const joinedAt = before ? (before.joinedAt ?? null) : from === null ? null : at;
    history.agents.set(to, { agentId: to, agentType: 'AI', joinedAt });
  }
  history.agentId = to;
}

/** The first hand-off tells who spoke before it. */
function claimEarlier(history: History, agentId: string): void {
  for (const [index, message] of history.messages.entries()) {
    const isOfAgent = message.role === 'Agent' || message.role === 'Tool';
    if (isOfAgent && message.senderId === null) {
      history.messages[index] = { ...message, senderId: agentId };
    }
  }
}

function readConfigUpdate(history: History, { fields, at }: Item): void {
  const details = filledOf({
    Instructions: textOf(fields.instructions),
    ToolsAdded: fields.tools_added,
    ToolsRemoved: fields.tools_removed,
  });
  const message = 'The configuration of the agent changed.';
  history.logs.push({ level: 'Info', message, at, source: 'livekit', ...(details && { details }) });
}
