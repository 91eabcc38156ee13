import { MAX_LOGS, MAX_MESSAGES, type PutConversationBody } from '@colloquy/wire';
import { formatInstant } from '../../kernel/instant.ts';
import type { CallReport, ReportedLog, ReportedMessage } from '../sources/source.ts';
import { boundJson, cleanParticipantId, cleanText, cutText } from './clean.ts';
import { instantAt } from './moments.ts';

type WireMessage = NonNullable<PutConversationBody['Messages']>[number];
type WireLog = NonNullable<PutConversationBody['Logs']>[number];

const MEBIBYTE = 1024 * 1024;
const MAX_DETAILS_BYTES = 64 * 1024;
const MAX_TEXT = 1024;
const MAX_WORDS = 20_000;

/** Of the reports in their order: a complete one, else that with the most messages, else the last. */
export function fullestTranscript(reports: readonly CallReport[]): readonly ReportedMessage[] {
  const fullnessOf = ({ messages, completeness }: CallReport) => [
    messages.length > 0 && completeness.Transcript === 'Complete' ? 1 : 0,
    messages.length,
    messages.reduce((sum, { content }) => sum + content.length, 0),
  ];
  const compare = (a: readonly number[], b: readonly number[]) =>
    a.map((value, at) => value - (b[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
  return (
    reports.reduce<CallReport | null>(
      (best, report) =>
        best === null || compare(fullnessOf(report), fullnessOf(best)) >= 0 ? report : best,
      null,
    )?.messages ?? []
  );
}

interface Speaking {
  readonly startTime: number;
  readonly first: { readonly client: string | undefined; readonly agent: string | undefined };
  readonly warnings: Set<string>;
}

/** A message without a time gets that of the end of the message before it. */
export function toWireMessages(
  messages: readonly ReportedMessage[],
  { startTime, first, warnings }: Speaking,
): WireMessage[] {
  if (messages.length > MAX_MESSAGES) {
    warnings.add(`The transcript has more than ${MAX_MESSAGES} messages; the rest was left out.`);
  }
  const names = { User: first.client, Agent: first.agent, Tool: first.agent, System: 'system' };
  let reached = startTime;
  return messages.slice(0, MAX_MESSAGES).map((message) => {
    const { senderId, role } = message;
    const at = instantAt(message.at, startTime) ?? reached;
    const endedAt = instantAt(message.endedAt ?? null, startTime);
    reached = Math.max(at, endedAt ?? at);
    return {
      SenderId: senderId === null ? (names[role] ?? role) : cleanParticipantId(senderId),
      Role: role,
      Content: cutText(message.content, MEBIBYTE),
      Timestamp: formatInstant(at),
      ...(endedAt !== null && { EndedAt: formatInstant(Math.max(at, endedAt)) }),
      ...extrasOf(message),
    };
  });
}

function extrasOf({ wasInterrupted, confidence, words, toolCall, metrics }: ReportedMessage) {
  return {
    ...(wasInterrupted !== undefined && { WasInterrupted: wasInterrupted }),
    ...(confidence !== undefined && { Confidence: Math.min(Math.max(confidence, 0), 1) }),
    ...(words && { Words: words.slice(0, MAX_WORDS).map(wordOf) }),
    ...(toolCall && { ToolCall: toolCallOf(toolCall) }),
    ...(metrics && { Metrics: metrics }),
  };
}

function wordOf({
  word,
  startMs,
  endMs,
  confidence,
}: NonNullable<ReportedMessage['words']>[number]) {
  return {
    Word: cleanText(word, MAX_TEXT),
    StartMs: Math.max(startMs, 0),
    EndMs: Math.max(endMs, 0),
    ...(confidence !== undefined && { Confidence: Math.min(Math.max(confidence, 0), 1) }),
  };
}

function toolCallOf(call: NonNullable<ReportedMessage['toolCall']>) {
  return {
    CallId: cleanText(call.callId, MAX_TEXT) || 'unknown',
    Name: cleanText(call.name, MAX_TEXT) || 'unknown',
    Arguments: boundJson(call.arguments, MEBIBYTE),
    ...('result' in call && { Result: boundJson(call.result, MEBIBYTE) }),
    ...(call.isError !== undefined && { IsError: call.isError }),
    ...(call.latencyMs !== undefined && { LatencyMs: Math.max(call.latencyMs, 0) }),
  };
}

interface Logging {
  readonly startTime: number;
  readonly endTime: number | null;
  readonly source: string;
  readonly warnings: Set<string>;
}

const NOT_UNDERSTOOD = 'The connector did not understand everything that it received.';

/** Entries that several reports repeat are stored once. */
export function toWireLogs(reports: readonly CallReport[], logging: Logging): WireLog[] {
  const { startTime, endTime, source, warnings } = logging;
  const logs = new Map<string, WireLog>();
  for (const report of reports) {
    const seen = new Map<string, number>();
    for (const log of report.logs) {
      const entry = logOf(log, instantAt(log.at, startTime) ?? endTime ?? startTime);
      const text = JSON.stringify(entry);
      const repeats = seen.get(text) ?? 0;
      seen.set(text, repeats + 1);
      logs.set(`${repeats} ${text}`, entry);
    }
  }
  if (logs.size >= MAX_LOGS)
    warnings.add(`There are ${MAX_LOGS} logs or more; the rest was left out.`);
  const kept = [...logs.values()].slice(0, MAX_LOGS - 1);
  if (warnings.size === 0) return kept;
  const details = { Warnings: [...warnings] };
  const warning = { level: 'Warning', message: NOT_UNDERSTOOD, details, source, at: null } as const;
  return [...kept, logOf(warning, endTime ?? startTime)];
}

function logOf({ level, message, source, details }: ReportedLog, at: number): WireLog {
  const bounded = details && boundJson(details, MAX_DETAILS_BYTES);
  return {
    Level: level,
    Message: cutText(message, MEBIBYTE),
    Timestamp: formatInstant(at),
    ...(source !== undefined && { Source: cleanText(source, MAX_TEXT) }),
    ...(bounded ? { Details: bounded as Record<string, unknown> } : {}),
  };
}
