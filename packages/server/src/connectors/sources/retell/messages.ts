import {
  type Fields,
  filledOf,
  jsonOrText,
  listOf,
  numberOf,
  textOf,
  type Warnings,
} from '../fields.ts';
import type { ReportedLog, ReportedMessage } from '../source.ts';
import { ROW_FIELDS } from './known-fields.ts';

/** Of a person to whom the call was transferred. */
export const TRANSFER_TARGET = 'transfer_target';

const SPOKEN: Readonly<Record<string, Pick<ReportedMessage, 'role' | 'senderId'>>> = {
  user: { role: 'User', senderId: null },
  agent: { role: 'Agent', senderId: null },
};

interface Reading {
  /** The id of the agent to whom the call was transferred. */
  readonly targetId: string;
  readonly warnings: Warnings;
}

/** Rows without words have no time: they are where the words before them end. */
export function readRows(rows: readonly Fields[], { targetId, warnings }: Reading) {
  const messages: ReportedMessage[] = [];
  const logs: ReportedLog[] = [];
  const callAt = new Map<string, number>();
  let reached = 0;
  for (const row of rows) {
    warnings.unknownFields('transcript.', row, ROW_FIELDS);
    const at = { sinceStart: reached };
    switch (row.role) {
      case 'tool_call_invocation':
        callAt.set(textOf(row.tool_call_id) ?? '', messages.length);
        messages.push({ senderId: null, role: 'Tool', content: '', at, toolCall: callOf(row) });
        break;
      case 'tool_call_result':
        addResult(messages, callAt, row, reached);
        if (row.successful === false) logs.push(log('Warning', 'A tool failed.', reached, row));
        break;
      case 'node_transition':
        logs.push(log('Info', 'The conversation flow went to another node.', reached, row));
        break;
      case 'dtmf':
        logs.push(log('Info', `The caller pressed ${textOf(row.digit) ?? 'a key'}.`, reached));
        break;
      case 'sms':
      case 'injected':
        messages.push(contextOf(row, reached));
        break;
      default: {
        const message = spokenOf(row, { targetId, warnings }, reached);
        messages.push(message.message);
        reached = message.reached;
      }
    }
  }
  return { messages, logs };
}

function spokenOf(row: Fields, { targetId, warnings }: Reading, reached: number) {
  const role = textOf(row.role) ?? '';
  const isTarget = role === TRANSFER_TARGET;
  const known = Object.hasOwn(SPOKEN, role) ? SPOKEN[role] : undefined;
  if (!known && !isTarget) warnings.unknownValue('role', row.role);
  const speaker = isTarget ? { role: 'Agent' as const, senderId: targetId } : known;
  const words = listOf(row.words);
  const [start, end] = [secondsOf(words[0]?.start), secondsOf(words.at(-1)?.end)];
  const from = start ?? reached;
  const message: ReportedMessage = {
    ...(speaker ?? { role: 'System', senderId: null }),
    content: textOf(row.content) ?? '',
    at: { sinceStart: from },
    ...(end !== null && { endedAt: { sinceStart: end } }),
    ...(words.length > 0 && { words: words.map((word) => wordOf(word, from)) }),
  };
  return { message, reached: Math.max(reached, end ?? from) };
}

const secondsOf = (value: unknown): number | null => {
  const seconds = numberOf(value);
  return seconds === null ? null : Math.round(seconds * 1000);
};

function wordOf({ word, start, end }: Fields, from: number) {
  const startMs = Math.max(0, (secondsOf(start) ?? from) - from);
  const endMs = Math.max(startMs, (secondsOf(end) ?? from) - from);
  return { word: textOf(word) ?? '', startMs, endMs };
}

const contextOf = (row: Fields, reached: number): ReportedMessage => ({
  senderId: textOf(row.role),
  role: 'System',
  content: textOf(row.content) ?? '',
  at: { sinceStart: secondsOf(row.time_sec) ?? reached },
});

const callOf = (row: Fields) => ({
  callId: textOf(row.tool_call_id) ?? 'unknown',
  name: textOf(row.name) ?? 'unknown',
  arguments: jsonOrText(row.arguments),
});

/** A result belongs to the message of its call. */
function addResult(
  messages: ReportedMessage[],
  callAt: ReadonlyMap<string, number>,
  row: Fields,
  reached: number,
): void {
  const index = callAt.get(textOf(row.tool_call_id) ?? '');
  const call = index === undefined ? undefined : messages[index];
  const result = {
    result: jsonOrText(row.content),
    ...(typeof row.successful === 'boolean' && { isError: !row.successful }),
  };
  if (index !== undefined && call?.toolCall) {
    messages[index] = { ...call, toolCall: { ...call.toolCall, ...result } };
    return;
  }
  const toolCall = { ...callOf(row), arguments: null, ...result };
  const at = { sinceStart: reached };
  messages.push({ senderId: null, role: 'Tool', content: '', at, toolCall });
}

function log(
  level: 'Info' | 'Warning',
  message: string,
  at: number,
  row: Fields = {},
): ReportedLog {
  const details = filledOf({
    From: row.former_node_name,
    To: row.new_node_name,
    ToolCallId: row.tool_call_id,
  });
  return {
    level,
    message,
    at: { sinceStart: at },
    source: 'retell',
    ...(details && { details }),
  };
}
