import {
  entryOf,
  type Fields,
  instantOf,
  jsonOrText,
  listOf,
  numberOf,
  textOf,
  type Warnings,
} from '../fields.ts';
import type { Moment, ReportedLog, ReportedMessage } from '../source.ts';
import { ROW_FIELDS } from './known-fields.ts';

type Role = 'User' | 'Agent' | 'System' | 'ToolCalls' | 'ToolResult';

/** The spelling of the rows of tools is not documented. */
const ROLES: Readonly<Record<string, Role>> = {
  user: 'User',
  customer: 'User',
  bot: 'Agent',
  assistant: 'Agent',
  system: 'System',
  tool_calls: 'ToolCalls',
  tool_call: 'ToolCalls',
  tool_call_result: 'ToolResult',
  tool_result: 'ToolResult',
  tool: 'ToolResult',
};
/** More than clocks differ. */
const MAX_DISAGREEMENT_MILLISECONDS = 60_000;

interface Reading {
  readonly startTime: number | null;
  readonly warnings: Warnings;
}

export function readRows(rows: readonly Fields[], reading: Reading) {
  const messages: ReportedMessage[] = [];
  const logs: ReportedLog[] = [];
  const callAt = new Map<string, number>();
  for (const row of rows) {
    reading.warnings.unknownFields('artifact.messages.', row, ROW_FIELDS);
    const at = momentOf(row, reading);
    logs.push(...logsOf(row, at));
    const role = roleOf(row);
    if (role === 'ToolCalls') {
      for (const message of toolCallsOf(row, at)) {
        callAt.set(message.toolCall?.callId ?? '', messages.length);
        messages.push(message);
      }
    } else if (role === 'ToolResult') {
      addResult(messages, callAt, row, at);
    } else {
      if (role === null) reading.warnings.unknownValue('role', row.role);
      messages.push(spokenOf(row, at, role ?? 'System'));
    }
  }
  return { messages, logs };
}

const roleOf = ({ role }: Fields): Role | null =>
  entryOf(ROLES, (textOf(role) ?? '').toLowerCase().replaceAll('-', '_')) ?? null;

/** `secondsFromStart` is documented; whether `time` is in seconds or milliseconds is not. */
function momentOf(row: Fields, { startTime, warnings }: Reading): Moment {
  const time = instantOf(row.time);
  const seconds = numberOf(row.secondsFromStart);
  if (seconds === null) return time;
  const sinceStart = Math.round(seconds * 1000);
  if (startTime !== null && time !== null) {
    const difference = Math.abs(startTime + sinceStart - time);
    if (difference > MAX_DISAGREEMENT_MILLISECONDS) {
      warnings.add('The fields time and secondsFromStart of a message disagree.');
    }
  }
  return { sinceStart };
}

/** From `time` and `endTime`: the unit of `duration` is not known. */
function endOf(row: Fields, at: Moment): Moment {
  const [from, to] = [instantOf(row.time), instantOf(row.endTime)];
  if (from === null || to === null || to < from || at === null) return null;
  const duration = to - from;
  return typeof at === 'number' ? at + duration : { sinceStart: at.sinceStart + duration };
}

function spokenOf(row: Fields, at: Moment, role: 'User' | 'Agent' | 'System'): ReportedMessage {
  const endedAt = endOf(row, at);
  return {
    senderId: role === 'Agent' ? textOf(row.assistantId) : null,
    role,
    content: textOf(row.message) ?? '',
    at,
    ...(endedAt !== null && { endedAt }),
  };
}

function toolCallsOf(row: Fields, at: Moment): ReportedMessage[] {
  return listOf(row.toolCalls).map((call, index) => {
    const called = (call.function ?? {}) as Fields;
    return {
      senderId: null,
      role: 'Tool',
      content: index === 0 ? (textOf(row.message) ?? '') : '',
      at,
      toolCall: {
        callId: textOf(call.id) ?? 'unknown',
        name: textOf(called.name) ?? textOf(call.name) ?? 'unknown',
        arguments: jsonOrText(called.arguments),
      },
    };
  });
}

/** A result belongs to the message of its call, whose name it may give. */
function addResult(
  messages: ReportedMessage[],
  callAt: ReadonlyMap<string, number>,
  row: Fields,
  at: Moment,
): void {
  const callId = textOf(row.toolCallId) ?? 'unknown';
  const index = callAt.get(callId);
  const call = index === undefined ? undefined : messages[index];
  const name = textOf(row.name) ?? 'unknown';
  const result = jsonOrText(row.result);
  if (index === undefined || !call?.toolCall) {
    const toolCall = { callId, name, arguments: null, result };
    messages.push({ senderId: null, role: 'Tool', content: '', at, toolCall });
    return;
  }
  const latencyMs = between(call.at, at);
  messages[index] = {
    ...call,
    toolCall: {
      ...call.toolCall,
      name: call.toolCall.name === 'unknown' ? name : call.toolCall.name,
      result,
      ...(latencyMs !== null && { latencyMs }),
    },
  };
}

function between(from: Moment, to: Moment): number | null {
  const isRelative = typeof from === 'object' && typeof to === 'object';
  const difference = isRelative
    ? (to?.sinceStart ?? Number.NaN) - (from?.sinceStart ?? Number.NaN)
    : Number(to) - Number(from);
  return difference >= 0 ? difference : null;
}

function logsOf(row: Fields, at: Moment): ReportedLog[] {
  const logs: ReportedLog[] = [];
  const threats = Array.isArray(row.detectedThreats) ? row.detectedThreats.map(textOf) : [];
  if (row.isFiltered === true || threats.length > 0) {
    const details = { Threats: threats.filter((threat) => threat !== null) };
    const message = 'The security filter changed a message.';
    logs.push({ level: 'Warning', message, at, source: 'vapi', details });
  }
  const warnings = Array.isArray(row.warnings) ? row.warnings : [];
  for (const warning of warnings) {
    const message = textOf(warning) ?? JSON.stringify(warning);
    logs.push({ level: 'Warning', message, at, source: 'vapi' });
  }
  return logs;
}
