import { type Fields, fieldsOf, instantOf, listOf, textOf, Warnings } from '../fields.ts';
import type { CallReport, Identify, ReportedLog, Stage, Translate } from '../source.ts';
import {
  agentsOf,
  analysisOf,
  channelOf,
  clientOf,
  costOf,
  endTimeOf,
  metadataOf,
  queueIdOf,
} from './conversation.ts';
import { readEvent } from './event.ts';
import { translateFailure } from './failure.ts';
import {
  ANALYSIS_FIELDS,
  AUDIO_FIELDS,
  CONVERSATION_FIELDS,
  EVENT_FIELDS,
  METADATA_FIELDS,
  PHONE_CALL_FIELDS,
} from './known-fields.ts';
import { readTurns } from './turns.ts';

type Kind = 'Transcript' | 'Audio' | 'Failure';

/** The spelling of the types of unredacted events is not documented; the settings use short names. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['post_call_transcription', 'Transcript'],
  ['transcription', 'Transcript'],
  ['transcript', 'Transcript'],
  ['post_call_audio', 'Audio'],
  ['audio', 'Audio'],
  ['call_initiation_failure', 'Failure'],
]);

interface State {
  readonly stage: Stage;
  readonly status?: 'Created' | 'Active';
  readonly hasEnded?: true;
}

const STATES: ReadonlyMap<string, State> = new Map<string, State>([
  ['initiated', { stage: 'Announced', status: 'Created' }],
  ['in-progress', { stage: 'Started', status: 'Active' }],
  ['processing', { stage: 'Ended', hasEnded: true }],
  ['done', { stage: 'Completed', hasEnded: true }],
  ['failed', { stage: 'Completed', hasEnded: true }],
]);

/** Events have no ids. */
export const identifyElevenLabs: Identify = ({ body }) => {
  const event = readEvent(body);
  return {
    callId: textOf(fieldsOf(event.data).conversation_id),
    eventType: textOf(event.type) ?? '',
    eventId: null,
  };
};

export const translateElevenLabs: Translate = ({ body }) => {
  const warnings = new Warnings();
  const event = readEvent(body);
  const data = fieldsOf(event.data);
  warnings.unknownFields('', event, EVENT_FIELDS);
  const kind = kindOf(event, data, warnings);
  const order = instantOf(event.event_timestamp) ?? 0;
  if (kind === 'Transcript') return translateTranscript(data, order, warnings);
  if (kind === 'Failure') return translateFailure(data, order, warnings);
  if (kind === 'Audio') warnings.unknownFields('data.', data, AUDIO_FIELDS);
  return {
    stage: kind === 'Audio' ? 'Ended' : 'Announced',
    order,
    call: kind === 'Audio' ? { hasEnded: true } : {},
    clients: [{ clientId: null, clientType: 'Unknown' }],
    agents: [{ agentId: textOf(data.agent_id), agentType: 'AI' }],
    messages: [],
    logs: [],
    audio: [],
    completeness: {},
    warnings: warnings.texts,
  };
};

/** An event of an unknown type that has a transcript is read as one. */
function kindOf(event: Fields, data: Fields, warnings: Warnings): Kind | null {
  const type = textOf(event.type) ?? '';
  const kind = KINDS.get(type.replace(/unredacted_|_unredacted/, ''));
  if (kind) return kind;
  warnings.unknownValue('type', event.type);
  return Array.isArray(data.transcript) ? 'Transcript' : null;
}

function translateTranscript(data: Fields, order: number, warnings: Warnings): CallReport {
  const metadata = fieldsOf(data.metadata);
  warnUnknownFields(data, metadata, warnings);
  const state = stateOf(data, warnings);
  const channel = channelOf(metadata, warnings);
  const { messages, logs, people } = readTurns(listOf(data.transcript), warnings);
  const analysis = analysisOf(data);
  const cost = costOf(metadata);
  const ownMetadata = metadataOf(data, metadata);
  const isFinal = state.stage === 'Completed';
  return {
    stage: state.stage,
    order,
    call: {
      queueId: queueIdOf(data, metadata),
      initiationType: channel.initiationType,
      startTime: instantOf(metadata.start_time_unix_secs),
      endTime: endTimeOf(metadata),
      endReason: endReasonOf(data, metadata),
      ...(channel.otherIds && { otherIds: channel.otherIds }),
      ...(state.status && { status: state.status }),
      ...(state.hasEnded && { hasEnded: true }),
      ...(ownMetadata && { metadata: { ElevenLabs: ownMetadata } }),
      ...(analysis && { analysis }),
      ...(cost && { cost }),
    },
    clients: [{ ...clientOf(data, channel), leaveReason: endReasonOf(data, metadata) }],
    agents: [...agentsOf(data), ...people],
    messages,
    logs: [...logs, ...logsOf(metadata)],
    audio: [],
    completeness: {
      ...(isFinal && {
        Transcript: messages.length > 0 ? 'Complete' : 'Absent',
        Analysis: analysis ? 'Complete' : 'Absent',
      }),
      ...(isFinal && data.has_audio === false && { Audio: 'Absent' }),
    },
    warnings: warnings.texts,
  };
}

function warnUnknownFields(data: Fields, metadata: Fields, warnings: Warnings): void {
  warnings.unknownFields('data.', data, CONVERSATION_FIELDS);
  warnings.unknownFields('data.metadata.', metadata, METADATA_FIELDS);
  warnings.unknownFields('data.analysis.', fieldsOf(data.analysis), ANALYSIS_FIELDS);
  const phoneCall = fieldsOf(metadata.phone_call);
  warnings.unknownFields('data.metadata.phone_call.', phoneCall, PHONE_CALL_FIELDS);
}

/** The events come after the call, so one with an unknown status is about a call that has ended. */
function stateOf({ status }: Fields, warnings: Warnings): State {
  const state = STATES.get(textOf(status) ?? '');
  if (!state) warnings.unknownValue('status', status);
  return state ?? { stage: 'Ended', hasEnded: true };
}

/** A failed call may give a reason that reads like a normal end, such as `Client disconnected`. */
function endReasonOf({ status }: Fields, metadata: Fields): string | null {
  const reason = textOf(metadata.termination_reason);
  if (status !== 'failed') return reason;
  const cause = reason ?? textOf(fieldsOf(metadata.error).reason);
  return cause === null ? 'failed' : `failed: ${cause}`;
}

function logsOf(metadata: Fields): ReportedLog[] {
  const log = { at: endTimeOf(metadata), source: 'elevenlabs' } as const;
  const { code, reason } = fieldsOf(metadata.error);
  const error = [textOf(reason), textOf(code)].find((text) => text !== null);
  const warnings = Array.isArray(metadata.warnings) ? metadata.warnings : [];
  return [
    ...(error
      ? [
          {
            ...log,
            level: 'Error' as const,
            message: error,
            ...(textOf(code) !== null && { details: { Code: code } }),
          },
        ]
      : []),
    ...warnings.map((warning) => ({
      ...log,
      level: 'Warning' as const,
      message: textOf(warning) ?? JSON.stringify(warning),
    })),
  ];
}
