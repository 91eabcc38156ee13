import type { EndType, PutConversationBody, Status } from '@colloquy/wire';
import { formatInstant } from '../../kernel/instant.ts';
import { type Fields, fieldsOf, isEmpty } from '../sources/fields.ts';
import {
  type CallReport,
  type ReportedAnalysis,
  type ReportedCall,
  type ReportedCost,
  type ReportedMessage,
  type Source,
  STAGES,
} from '../sources/source.ts';
import { boundJson, cleanText, cutText } from './clean.ts';
import { endTypeOf } from './end-type.ts';
import { foldParticipants } from './fold-participants.ts';
import { fullestTranscript, toWireLogs, toWireMessages } from './fold-transcript.ts';
import { instantAt } from './moments.ts';

export interface Received {
  readonly report: CallReport;
  readonly receivedAt: number;
  /** Orders reports of one stage and time. */
  readonly bodyHash: string;
}

export interface Folded {
  readonly conversation: PutConversationBody;
  /** The vendor's word, if the table of its end reasons lacks it. */
  readonly unknownEndReason: string | null;
  readonly warnings: readonly string[];
}

const MAX_TEXT = 1024;
const MAX_OBJECT_BYTES = 64 * 1024;
const MAX_COST_PARTS = 50;
const FAILURES: readonly EndType[] = ['MidSessionFailure', 'InitializeError'];

const NO_START = 'The source gave no time of the start; that of the first request counts.';

/**
 * The conversation of a call, from all that was received about it: the same for any order of arrival.
 * A value replaces one of an earlier stage, and nothing replaces a value by an empty one.
 */
export function foldReports(
  source: Pick<Source, 'endReasons'> & { readonly name: string },
  callId: string,
  received: readonly Received[],
): Folded {
  const reports = [...received].sort(byOrder).map(({ report }) => report);
  const call = mergeCalls(reports);
  const startTime =
    instantAt(call.startTime ?? null, 0) ??
    Math.min(...received.map(({ receivedAt }) => receivedAt));
  const warnings = new Set(reports.flatMap((report) => report.warnings));
  if (call.hasEnded && call.startTime == null) warnings.add(NO_START);
  const spoken = fullestTranscript(reports);
  const endTime = call.hasEnded ? endTimeOf(call, spoken, startTime) : null;
  const end = endOf(source, call);
  const { clients, agents } = foldParticipants(reports, { startTime, endTime });
  const first = { client: clients[0]?.ClientId, agent: agents[0]?.AgentId };
  const metadata = boundJson(call.metadata ?? {}, MAX_OBJECT_BYTES);
  if (metadata === null) warnings.add('The metadata is larger than 64 KiB and was left out.');
  const analysis = call.analysis && analysisOf(call.analysis, warnings);
  const conversation: PutConversationBody = {
    QueueId: call.queueId && isId(call.queueId) ? call.queueId : null,
    Status: endTime === null ? (call.status ?? 'Active') : end.status,
    StartTime: formatInstant(startTime),
    ...(endTime !== null && { EndTime: formatInstant(endTime), EndType: end.type }),
    Clients: clients,
    Agents: agents,
    Messages: toWireMessages(spoken, { startTime, first, warnings }),
    Logs: toWireLogs(reports, { startTime, endTime, source: source.name, warnings }),
    InitiationType: call.initiationType ?? 'Inbound',
    Metadata: fieldsOf(metadata),
    ...(endTime !== null && call.endReason && { EndReason: cleanText(call.endReason, MAX_TEXT) }),
    Source: { Provider: source.name, ProviderCallId: cleanText(callId, MAX_TEXT) },
    ...(analysis && { Analysis: analysis }),
    ...(call.cost && { Cost: costOf(call.cost) }),
  };
  return { conversation, unknownEndReason: end.unknown, warnings: [...warnings] };
}

const byOrder = (a: Received, b: Received) =>
  STAGES.indexOf(a.report.stage) - STAGES.indexOf(b.report.stage) ||
  a.report.order - b.report.order ||
  (a.bodyHash < b.bodyHash ? -1 : 1);

function mergeCalls(reports: readonly CallReport[]): ReportedCall {
  const calls = reports.map(({ call }) => call);
  const merged = calls.reduce<unknown>(merge, {}) as ReportedCall;
  // The parts of one sum belong together.
  const cost = calls.findLast((call) => !isEmpty(call.cost))?.cost;
  return { ...merged, ...(cost && { cost }) };
}

/** By default the end of the last message; never before the start. */
function endTimeOf(
  { endTime }: ReportedCall,
  messages: readonly ReportedMessage[],
  startTime: number,
): number {
  const given = instantAt(endTime ?? null, startTime);
  if (given !== null) return Math.max(startTime, given);
  return messages.reduce(
    (latest, { at, endedAt }) => Math.max(latest, instantAt(endedAt ?? at, startTime) ?? latest),
    startTime,
  );
}

/** Objects are merged by key; other values replace earlier ones unless they are empty. */
function merge(before: unknown, after: unknown): unknown {
  if (isEmpty(after)) return before;
  if (!isObject(before) || !isObject(after)) return after;
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(before[key], after[key])]));
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface End {
  readonly type: EndType;
  readonly status: Status;
  readonly unknown: string | null;
}

function endOf(
  { endReasons }: Pick<Source, 'endReasons'>,
  { endReason, hasEnded }: ReportedCall,
): End {
  const known = endReason ? endTypeOf(endReasons, endReason) : 'Normal';
  const type = known ?? 'MidSessionFailure';
  return {
    type,
    status: FAILURES.includes(type) ? 'Failed' : 'Completed',
    unknown: known === null && hasEnded ? (endReason ?? null) : null,
  };
}

function analysisOf(
  { summary, success, structured }: ReportedAnalysis,
  warnings: Set<string>,
): NonNullable<PutConversationBody['Analysis']> {
  const bounded = boundJson(structured ?? null, MAX_OBJECT_BYTES);
  if (structured && bounded === null) {
    warnings.add('The structured analysis is larger than 64 KiB and was left out.');
  }
  return {
    ...(summary && { Summary: cutText(summary, MAX_OBJECT_BYTES) }),
    ...(success && { Success: cleanText(success, MAX_TEXT) }),
    ...(bounded ? { Structured: fieldsOf(bounded) } : {}),
  };
}

function costOf({ amount, currency, parts }: ReportedCost) {
  const named = Object.entries(parts).slice(0, MAX_COST_PARTS);
  const Parts = Object.fromEntries(
    named.map(([name, sum]) => [cleanText(name, MAX_TEXT / 2), sum]),
  );
  return { Amount: amount, Currency: currency, ...(named.length > 0 && { Parts }) };
}

const isId = (text: string) => /^(?!\.{1,2}$)[A-Za-z0-9_.:-]{1,128}$/.test(text);
