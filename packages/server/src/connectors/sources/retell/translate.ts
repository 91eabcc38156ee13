import type { InitiationType } from '@colloquy/wire';
import {
  type Fields,
  fieldsOf,
  filledOf,
  instantOf,
  isEmpty,
  jsonOf,
  listOf,
  numberOf,
  textOf,
  Warnings,
} from '../fields.ts';
import type {
  CallReport,
  Identify,
  ReportedAgent,
  ReportedAudio,
  ReportedCall,
  ReportedClient,
  ReportedLog,
  Stage,
  Translate,
} from '../source.ts';
import { ANALYSIS_FIELDS, CALL_FIELDS } from './known-fields.ts';
import { readRows, TRANSFER_TARGET } from './messages.ts';

const STAGES_OF_EVENTS: Readonly<Record<string, Stage>> = {
  call_started: 'Started',
  transcript_updated: 'Started',
  transfer_started: 'Started',
  transfer_bridged: 'Started',
  transfer_cancelled: 'Started',
  transfer_ended: 'Started',
  call_ended: 'Ended',
  call_analyzed: 'Completed',
};
const ENDED = ['ended', 'error', 'not_connected'];
const TRANSFERS = ['call_transfer', 'transfer_bridged', 'call_take_over'];

export const identifyRetell: Identify = ({ body }) => {
  const { event, call } = jsonOf(body);
  return { callId: textOf(fieldsOf(call).call_id), eventType: textOf(event) ?? '', eventId: null };
};

export const translateRetell: Translate = ({ body }) => {
  const warnings = new Warnings();
  const { event, call: given } = jsonOf(body);
  const call = fieldsOf(given);
  warnings.unknownFields('call.', call, CALL_FIELDS);
  warnings.unknownFields('call_analysis.', fieldsOf(call.call_analysis), ANALYSIS_FIELDS);
  const name = textOf(event) ?? '';
  const stage = Object.hasOwn(STAGES_OF_EVENTS, name) ? STAGES_OF_EVENTS[name] : undefined;
  if (!stage) warnings.unknownValue('event', event);
  const targetId = textOf(call.transfer_destination) ?? TRANSFER_TARGET;
  const { messages, logs } = readRows(rowsOf(call), { targetId, warnings });
  const hasEnded =
    stage === 'Ended' || stage === 'Completed' || ENDED.includes(textOf(call.call_status) ?? '');
  const audio = audioOf(call);
  return {
    stage: stage ?? 'Started',
    order: instantOf(call.end_timestamp) ?? instantOf(call.start_timestamp) ?? 0,
    call: { ...callOf(call), ...(hasEnded && { hasEnded }) },
    clients: [clientOf(call)],
    agents: agentsOf(call, targetId),
    messages,
    logs: [...logs, ...latencyOf(call)],
    audio,
    completeness: completenessOf(call, { hasEnded, isAnalyzed: stage === 'Completed' }),
    warnings: warnings.texts,
  };
};

/** What Retell has scrubbed is all that it keeps if it does not keep personal data. */
const isScrubbed = ({ data_storage_setting }: Fields) =>
  data_storage_setting === 'everything_except_pii';

function rowsOf(call: Fields): readonly Fields[] {
  const scrubbed = listOf(call.scrubbed_transcript_with_tool_calls);
  const original = listOf(call.transcript_with_tool_calls);
  const lists = isScrubbed(call) ? [scrubbed, original] : [original, scrubbed];
  return [...lists, listOf(call.transcript_object)].find((rows) => rows.length > 0) ?? [];
}

function callOf(call: Fields): ReportedCall {
  const legId = textOf(fieldsOf(call.telephony_identifier).twilio_call_sid);
  const { queue_id, queueId } = fieldsOf(call.metadata);
  const durationMs = numberOf(call.duration_ms);
  const status = textOf(call.call_status) ?? '';
  const metadata = filledOf({
    AgentVersion: call.agent_version,
    BatchCallId: call.batch_call_id,
    TwilioCallSid: legId,
    Metadata: call.metadata,
    CustomAttributes: call.custom_attributes,
    CollectedVariables: call.collected_dynamic_variables,
  });
  const analysis = analysisOf(call);
  const cost = costOf(call);
  return {
    queueId: textOf(queue_id) ?? textOf(queueId) ?? textOf(call.batch_call_id),
    status: status === 'registered' ? 'Created' : 'Active',
    startTime: instantOf(call.start_timestamp),
    endTime:
      instantOf(call.end_timestamp) ?? (durationMs === null ? null : { sinceStart: durationMs }),
    endReason:
      textOf(call.disconnection_reason) ??
      (['error', 'not_connected'].includes(status) ? status : null),
    initiationType: initiationOf(call),
    ...(metadata && { metadata: { Retell: metadata } }),
    ...(legId && { otherIds: [{ source: 'twilio', id: legId }] }),
    ...(analysis && { analysis }),
    ...(cost && { cost }),
  };
}

function initiationOf({ call_type, direction }: Fields): InitiationType | null {
  if (call_type === 'web_call') return 'Web';
  if (direction === 'inbound') return 'Inbound';
  return direction === 'outbound' ? 'Outbound' : null;
}

function clientOf(call: Fields): ReportedClient {
  const isWeb = call.call_type === 'web_call';
  const number = textOf(call.direction === 'inbound' ? call.from_number : call.to_number);
  return {
    clientId: number,
    clientType: isWeb ? 'Web' : call.call_type === 'phone_call' ? 'Phone' : 'Unknown',
    phoneNumber: number,
    leaveReason: textOf(call.disconnection_reason),
  };
}

function agentsOf(call: Fields, targetId: string): ReportedAgent[] {
  const agent = {
    agentId: textOf(call.agent_id),
    agentType: 'AI' as const,
    name: textOf(call.agent_name),
  };
  const isTransferred =
    TRANSFERS.includes(textOf(call.disconnection_reason) ?? '') ||
    rowsOf(call).some(({ role }) => role === TRANSFER_TARGET);
  if (!isTransferred) return [agent];
  const target = {
    agentId: targetId,
    agentType: 'Human' as const,
    joinedAt: instantOf(call.end_timestamp),
    leftAt: instantOf(call.transfer_end_timestamp),
  };
  return [agent, target];
}

/** Which channel of the stereo file has whom is not documented. */
function audioOf(call: Fields): ReportedAudio[] {
  const [original, scrubbed] = [textOf(call.recording_url), textOf(call.scrubbed_recording_url)];
  const url = isScrubbed(call) ? (scrubbed ?? original) : (original ?? scrubbed);
  return url ? [{ url, of: 'Mixed' }] : [];
}

function completenessOf(
  call: Fields,
  { hasEnded, isAnalyzed }: { readonly hasEnded: boolean; readonly isAnalyzed: boolean },
): CallReport['completeness'] {
  if (!hasEnded) return {};
  const isKept = call.data_storage_setting !== 'basic_attributes_only';
  return {
    ...(rowsOf(call).length > 0 && { Transcript: 'Complete' }),
    ...(audioOf(call).length > 0 && { Audio: 'Complete' }),
    ...(!isKept && { Transcript: 'Absent', Audio: 'Absent' }),
    ...(isAnalyzed && { Analysis: isEmpty(call.call_analysis) ? 'Absent' : 'Complete' }),
  };
}

function analysisOf(call: Fields): ReportedCall['analysis'] {
  const analysis = fieldsOf(call.call_analysis);
  const { call_successful, custom_analysis_data, user_sentiment, in_voicemail } = analysis;
  const structured = filledOf({ custom_analysis_data, user_sentiment, in_voicemail });
  const success = textOf(call_successful);
  const summary = textOf(analysis.call_summary);
  if (summary === null && success === null && structured === null) return undefined;
  return { summary, success, structured };
}

/** Retell's costs are in cents. */
function costOf(call: Fields): ReportedCall['cost'] {
  const { combined_cost, product_costs } = fieldsOf(call.call_cost);
  const cents = numberOf(combined_cost);
  if (cents === null) return undefined;
  const parts = new Map<string, number>();
  for (const { product, cost } of listOf(product_costs)) {
    const name = textOf(product) ?? 'other';
    parts.set(name, (parts.get(name) ?? 0) + (numberOf(cost) ?? 0));
  }
  const inDollars = [...parts].map(([name, sum]) => [name, dollars(sum)] as const);
  return { amount: dollars(cents), currency: 'USD', parts: Object.fromEntries(inDollars) };
}

const dollars = (cents: number) => Number((cents / 100).toFixed(8));

function latencyOf(call: Fields): ReportedLog[] {
  const measured = Object.entries(fieldsOf(call.latency)).flatMap(([name, value]) => {
    const { p50, p95, max } = fieldsOf(value);
    const numbers = filledOf({ p50, p95, max });
    return numbers ? [[name, numbers] as const] : [];
  });
  if (measured.length === 0) return [];
  const details = Object.fromEntries(measured);
  return [{ level: 'Info', message: 'Measured latencies', at: null, source: 'retell', details }];
}
