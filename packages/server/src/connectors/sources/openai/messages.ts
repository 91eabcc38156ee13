import { jsonOrText, textOf } from '../fields.ts';
import type { Moment, ReportedMessage } from '../source.ts';
import { type Item, type Segment, textOfItem, textOfPart } from './items.ts';
import type { SessionLog } from './session-log.ts';

/** Of the items in the order of the conversation. */
export function messagesOf(log: SessionLog): ReportedMessage[] {
  const items = log.order.ids().flatMap((id) => log.items.get(id) ?? []);
  const outputs = new Map<string, Item>();
  const callIds = new Set<string>();
  for (const item of items) {
    const callId = textOf(item.fields.call_id);
    if (callId === null) continue;
    if (item.fields.type === 'function_call_output') outputs.set(callId, item);
    else callIds.add(callId);
  }
  return items.flatMap((item): ReportedMessage[] => {
    if (!item.isAdded || isOutside(log, item)) return [];
    const callId = textOf(item.fields.call_id) ?? '';
    switch (item.fields.type) {
      case 'function_call':
        return [toolMessage(item, outputs.get(callId))];
      case 'function_call_output':
        return callIds.has(callId) ? [] : [toolMessage(item, item)];
      case 'mcp_call':
        return [mcpMessage(item)];
      case 'mcp_list_tools':
      case 'mcp_approval_request':
      case 'mcp_approval_response':
        return [];
      default:
        return spokenMessages(log, item);
    }
  });
}

const isOutside = (log: SessionLog, { id, responseId }: Item): boolean =>
  responseId !== null &&
  log.responses.get(responseId)?.isOutside === true &&
  !log.order.hasPlace(id);

function spokenMessages(log: SessionLog, item: Item): ReportedMessage[] {
  const { type, role } = item.fields;
  if (type !== undefined && type !== 'message') {
    log.warnings.unknownValue('item.type', type);
  }
  if (role === 'user') return userMessages(item);
  const content = textOfItem(item);
  if (content === '') return [];
  // Only responses have deltas, also if the item itself is missing.
  if (role === 'assistant' || (role === undefined && item.responseId !== null)) {
    return [agentMessage(log, item, content)];
  }
  if (role !== undefined && role !== 'system' && role !== 'developer') {
    log.warnings.unknownValue('role', role);
  }
  return [{ senderId: null, role: 'System', content, at: item.seenAt }];
}

function agentMessage(log: SessionLog, item: Item, content: string): ReportedMessage {
  const at = item.deltaAt ?? item.seenAt;
  const { isCanceled, isCut } = item.responseId ? log.response(item.responseId) : {};
  const message = { senderId: null, role: 'Agent', content, at } as const;
  if (item.heardMs !== null) {
    return {
      ...message,
      ...(at !== null && { endedAt: at + item.heardMs }),
      wasInterrupted: true,
      metrics: { HeardMs: item.heardMs },
    };
  }
  const isCutOff = isCut || (isCanceled && item.fields.status !== 'completed');
  return { ...message, ...(isCutOff && { wasInterrupted: true }) };
}

/** Speech without a transcription is a message without words. */
function userMessages(item: Item): ReportedMessage[] {
  const segments = bySpeaker([...item.segments.values()]);
  if (segments.length > 1) return segments.map((segment) => segmentMessage(item, segment));
  const content = textOfItem(item) || (segments[0]?.text ?? '');
  if (content === '' && (item.isTranscribed || !item.isAudio)) return [];
  const confidence = [...item.parts.values()].find((part) => part.confidence !== null)?.confidence;
  const endedAt = item.speechEnd;
  return [
    {
      senderId: null,
      role: 'User',
      content,
      at: item.speechStart ?? item.seenAt,
      ...(endedAt !== null && { endedAt }),
      ...(confidence != null && { confidence }),
    },
  ];
}

/** Consecutive segments of a speaker are one message. */
function bySpeaker(segments: readonly Segment[]): Segment[] {
  const sorted = segments.toSorted((a, b) => (a.start ?? 0) - (b.start ?? 0));
  const turns: Segment[] = [];
  for (const segment of sorted) {
    const last = turns.at(-1);
    if (last?.speaker !== segment.speaker) turns.push(segment);
    else {
      const text = `${last.text.trim()} ${segment.text.trim()}`.trim();
      turns[turns.length - 1] = { ...last, text, end: segment.end };
    }
  }
  return turns;
}

function segmentMessage(item: Item, { speaker, text, start, end }: Segment): ReportedMessage {
  const base = item.speechStart ?? item.seenAt;
  const endedAt = end === null ? null : later(base, end);
  return {
    senderId: speaker,
    role: 'User',
    content: text.trim(),
    at: later(base, start ?? 0),
    ...(endedAt !== null && { endedAt }),
  };
}

function later(moment: Moment, seconds: number): Moment {
  const milliseconds = Math.round(seconds * 1000);
  if (moment === null) return null;
  if (typeof moment === 'number') return moment + milliseconds;
  return { sinceStart: moment.sinceStart + milliseconds };
}

function toolMessage(call: Item, output: Item | undefined): ReportedMessage {
  const isOutputOnly = call === output;
  const from = call.doneAt ?? call.seenAt;
  const to = output?.seenAt ?? null;
  const text = textOfPart(call.arguments) || call.fields.arguments;
  const hasLatency = !isOutputOnly && from !== null && to !== null && to >= from;
  return {
    senderId: null,
    role: 'Tool',
    content: '',
    at: call.deltaAt ?? call.seenAt,
    toolCall: {
      callId: textOf(call.fields.call_id) ?? call.id,
      name: textOf(call.fields.name) ?? 'unknown',
      arguments: isOutputOnly ? null : jsonOrText(text),
      ...(output && { result: jsonOrText(output.fields.output) }),
      ...(hasLatency && { latencyMs: to - from }),
    },
  };
}

/** OpenAI calls the tool, and its result is in the item of the call. */
function mcpMessage(item: Item): ReportedMessage {
  const { name, output, error, arguments: shown } = item.fields;
  const isError = item.hasFailed || error !== undefined;
  const result = textOf(output) === null ? error : jsonOrText(output);
  return {
    senderId: null,
    role: 'Tool',
    content: '',
    at: item.deltaAt ?? item.seenAt,
    toolCall: {
      callId: item.id,
      name: textOf(name) ?? 'unknown',
      arguments: jsonOrText(textOfPart(item.arguments) || shown),
      ...(result !== undefined && { result }),
      ...(isError && { isError }),
    },
  };
}
