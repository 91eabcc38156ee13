import {
  type Fields,
  fieldsOf,
  filledOf,
  jsonOrText,
  listOf,
  numberOf,
  textOf,
  type Warnings,
} from '../fields.ts';
import type { Moment, ReportedAgent, ReportedLog, ReportedMessage } from '../source.ts';
import { TOOL_CALL_FIELDS, TOOL_RESULT_FIELDS, TURN_FIELDS } from './known-fields.ts';

const ROLES: ReadonlyMap<string, 'User' | 'Agent'> = new Map([
  ['user', 'User'],
  ['agent', 'Agent'],
]);
const MAX_METRICS = 100;
/** Longer than any call; with a larger number, milliseconds could be infinite. */
const MAX_SECONDS = 1e9;

/** A turn is what was said, and the tools that were called with it or have answered. */
export function readTurns(turns: readonly Fields[], warnings: Warnings) {
  const messages: ReportedMessage[] = [];
  const logs: ReportedLog[] = [];
  const people: ReportedAgent[] = [];
  for (const turn of turns) {
    warnings.unknownFields('data.transcript.', turn, TURN_FIELDS);
    const at = secondsOf(turn.time_in_call_secs);
    const [first, ...others] = [...spokenOf(turn, at, warnings), ...callsOf(turn, at, warnings)];
    const metrics = metricsOf(turn);
    if (first) messages.push({ ...first, ...(metrics && { metrics }) }, ...others);
    for (const result of listOf(turn.tool_results)) {
      warnings.unknownFields('data.transcript.tool_results.', result, TOOL_RESULT_FIELDS);
      addResult(messages, result, at);
      logs.push(...failureOf(result, at));
      people.push(...transferredTo(result, at));
    }
  }
  return { messages, logs, people };
}

/** Whole seconds since the call began. */
function secondsOf(value: unknown): Moment {
  const seconds = numberOf(value);
  return seconds === null ? null : { sinceStart: toMilliseconds(seconds) };
}

const toMilliseconds = (seconds: number) =>
  Math.round(Math.min(Math.max(seconds, -MAX_SECONDS), MAX_SECONDS) * 1000);

/** The SDK's other texts, such as `original_message`, are what was generated and not heard. */
function spokenOf(turn: Fields, at: Moment, warnings: Warnings): ReportedMessage[] {
  const role = ROLES.get(textOf(turn.role) ?? '');
  if (!role) warnings.unknownValue('role', turn.role);
  const voices = listOf(fieldsOf(turn.multivoice_message).parts).map(({ text }) => textOf(text));
  const content = textOf(turn.message) ?? voices.filter((text) => text !== null).join(' ');
  if (content === '') return [];
  return [
    {
      senderId: role === 'Agent' ? textOf(fieldsOf(turn.agent_metadata).agent_id) : null,
      role: role ?? 'System',
      content,
      at,
      ...(turn.interrupted === true && { wasInterrupted: true }),
    },
  ];
}

function callsOf(turn: Fields, at: Moment, warnings: Warnings): ReportedMessage[] {
  return listOf(turn.tool_calls).map((call) => {
    warnings.unknownFields('data.transcript.tool_calls.', call, TOOL_CALL_FIELDS);
    return {
      senderId: textOf(fieldsOf(turn.agent_metadata).agent_id),
      role: 'Tool',
      content: '',
      at,
      toolCall: {
        callId: textOf(call.request_id) ?? 'unknown',
        name: textOf(call.tool_name) ?? 'unknown',
        arguments: jsonOrText(call.params_as_json),
      },
    };
  });
}

/** A result belongs to the message of its call, which may be in an earlier turn. */
function addResult(messages: ReportedMessage[], result: Fields, at: Moment): void {
  const callId = textOf(result.request_id) ?? 'unknown';
  const latency = numberOf(result.tool_latency_secs);
  const outcome = {
    result: jsonOrText(result.result_value),
    ...(result.is_error === true && { isError: true }),
    ...(latency !== null && { latencyMs: toMilliseconds(latency) }),
  };
  const index = messages.findLastIndex(
    ({ toolCall }) => toolCall?.callId === callId && !('result' in toolCall),
  );
  const call = messages[index];
  if (call?.toolCall) {
    messages[index] = { ...call, toolCall: { ...call.toolCall, ...outcome } };
    return;
  }
  const name = textOf(result.tool_name) ?? 'unknown';
  const toolCall = { callId, name, arguments: null, ...outcome };
  messages.push({ senderId: null, role: 'Tool', content: '', at, toolCall });
}

function failureOf(result: Fields, at: Moment): ReportedLog[] {
  if (result.is_error !== true) return [];
  const details = filledOf({
    ErrorType: textOf(result.error_type),
    ErrorMessage: textOf(result.raw_error_message),
  });
  const message = `The tool ${textOf(result.tool_name) ?? 'unknown'} failed.`;
  return [{ level: 'Error', message, at, source: 'elevenlabs', ...(details && { details }) }];
}

function transferredTo({ result }: Fields, at: Moment): ReportedAgent[] {
  const { status, transfer_number } = fieldsOf(result);
  const agentId = status === 'success' ? textOf(transfer_number) : null;
  return agentId === null ? [] : [{ agentId, agentType: 'Human', joinedAt: at }];
}

/** In seconds under `metrics`; in older bodies directly in the object. */
function metricsOf(turn: Fields): Readonly<Record<string, number>> | null {
  const measured = fieldsOf(turn.conversation_turn_metrics);
  const metrics = Object.entries(fieldsOf(measured.metrics ?? measured)).flatMap(
    ([name, value]) => {
      const seconds = numberOf(fieldsOf(value).elapsed_time);
      const isName = /^\w{1,120}$/.test(name);
      return seconds === null || !isName ? [] : [[msNameOf(name), toMilliseconds(seconds)]];
    },
  );
  return metrics.length === 0 ? null : Object.fromEntries(metrics.slice(0, MAX_METRICS));
}

/** `convai_llm_service_ttfb` becomes `ConvaiLlmServiceTtfbMs`. */
const msNameOf = (name: string) =>
  `${name.replaceAll(/(?:^|_+)([a-z0-9]?)/gi, (_, letter: string) => letter.toUpperCase())}Ms`;
