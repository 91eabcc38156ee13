import {
  type Fields,
  fieldsOf,
  filledOf,
  instantOf,
  listOf,
  textOf,
  type Warnings,
} from '../fields.ts';
import type { CallReport, ReportedAgent, ReportedLog } from '../source.ts';
import { readItems } from './items.ts';
import { REPORT_FIELDS } from './known-fields.ts';

/** `SessionReport.to_dict()`, which the process of an agent posts at the end of its session. */
export function translateReport(report: Fields, warnings: Warnings): CallReport {
  warnings.unknownFields('', report, REPORT_FIELDS);
  const items = listOf(fieldsOf(report.chat_history).items);
  const { messages, logs, agents, earliest } = readItems(items, warnings);
  const events = listOf(report.events);
  const close = events.findLast(({ type }) => type === 'close');
  const metadata = filledOf({
    RoomName: textOf(report.room),
    JobId: textOf(report.job_id),
    SdkVersion: textOf(report.sdk_version),
    Usage: report.usage,
  });
  return {
    stage: 'Ended',
    order: instantOf(report.timestamp) ?? 0,
    call: {
      hasEnded: true,
      startTime:
        instantOf(report.audio_recording_started_at) ?? instantOf(report.started_at) ?? earliest,
      endTime: instantOf(report.timestamp),
      endReason: textOf(close?.reason),
      ...(metadata && { metadata: { LiveKit: metadata } }),
    },
    clients: [{ clientId: null, clientType: 'Unknown' }],
    agents: agents.length > 0 ? agents : [UNNAMED],
    messages,
    logs: [...logs, ...events.flatMap((event) => logsOf(event, warnings))],
    audio: [],
    completeness: {
      Transcript: messages.length > 0 ? 'Complete' : 'Absent',
      Analysis: 'Absent',
    },
    warnings: warnings.texts,
  };
}

const UNNAMED: ReportedAgent = { agentId: null, agentType: 'AI' };

/** What these say is in the history too, or is noise. */
const SILENT = new Set([
  'conversation_item_added',
  'function_tools_executed',
  'metrics_collected',
  'session_usage_updated',
  'speech_created',
  'user_input_transcribed',
]);
const STATES = new Set([
  'agent_false_interruption',
  'agent_started_speaking',
  'agent_state_changed',
  'agent_stopped_speaking',
  'user_started_speaking',
  'user_state_changed',
  'user_stopped_speaking',
]);

function logsOf(event: Fields, warnings: Warnings): ReportedLog[] {
  const type = textOf(event.type) ?? '';
  if (SILENT.has(type)) return [];
  const log = { at: instantOf(event.created_at), source: 'livekit' } as const;
  const error = errorOf(event.error);
  if (type === 'error') {
    return [{ ...log, level: 'Error', message: error ?? 'The session had an error.' }];
  }
  if (type === 'close') {
    const message = `Session closed: ${textOf(event.reason) ?? 'no reason'}`;
    return [{ ...log, level: 'Info', message, ...(error && { details: { Error: error } }) }];
  }
  if (!STATES.has(type)) warnings.unknownValue('event type', event.type);
  const details = filledOf({
    From: textOf(event.old_state),
    To: textOf(event.new_state) ?? textOf(event.state),
  });
  return [{ ...log, level: 'Debug', message: type || 'event', ...(details && { details }) }];
}

/** An object of the failing component, or a text. */
function errorOf(error: unknown): string | null {
  const fields = fieldsOf(error);
  return textOf(error) ?? textOf(fields.message) ?? textOf(fields.error) ?? textOf(fields.label);
}
