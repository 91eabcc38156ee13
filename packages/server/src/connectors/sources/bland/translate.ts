import {
  type Fields,
  fieldsOf,
  instantOf,
  isEmpty,
  jsonOf,
  listOf,
  textOf,
  Warnings,
} from '../fields.ts';
import type { CallReport, Identify, ReportedMessage, Translate } from '../source.ts';
import {
  agentsOf,
  analysisOf,
  audioOf,
  callOf,
  clientOf,
  endReasonOf,
  logsOf,
  stateOf,
  timesOf,
  warnAboutEnd,
} from './call.ts';
import { CALL_FIELDS, EVENT_FIELDS, PHRASE_FIELDS } from './known-fields.ts';

const ROLES: ReadonlyMap<string, ReportedMessage['role']> = new Map([
  ['user', 'User'],
  ['assistant', 'Agent'],
  ['robot', 'Agent'],
  // What the agent did, such as the transfer of the call, in words.
  ['agent-action', 'System'],
]);

const isLiveEvent = (body: Fields) => textOf(body.category) !== null;
const callIdOf = (body: Fields) => textOf(body.call_id) ?? textOf(body.c_id);

/** Events have no ids. The webhook of a batch is about no call. */
export const identifyBland: Identify = ({ body }) => {
  const fields = jsonOf(body);
  const callId = callIdOf(fields);
  const eventType = callId === null && textOf(fields.batch_id) !== null ? 'batch' : 'call';
  return { callId, eventType: textOf(fields.category) ?? eventType, eventId: null };
};

export const translateBland: Translate = ({ body }) => {
  const fields = jsonOf(body);
  const warnings = new Warnings();
  return isLiveEvent(fields) ? translateEvent(fields, warnings) : translateCall(fields, warnings);
};

function translateCall(call: Fields, warnings: Warnings): CallReport {
  warnings.unknownFields('', call, CALL_FIELDS);
  const state = stateOf(call, warnings);
  const times = timesOf(call);
  if (state.hasEnded) warnAboutEnd(call, warnings);
  const messages = listOf(call.transcripts).map((phrase) => messageOf(phrase, warnings));
  const audio = audioOf(call);
  const endReason = state.hasEnded ? endReasonOf(call) : null;
  return {
    stage: state.stage,
    order: 0,
    call: { ...callOf(call, warnings), ...state.state, ...times, endReason },
    clients: [{ ...clientOf(call), leaveReason: endReason }],
    agents: agentsOf(call),
    messages,
    logs: logsOf(call, times.endTime ?? null),
    audio,
    completeness: state.hasEnded
      ? {
          Transcript: messages.length > 0 ? 'Complete' : 'Absent',
          ...(audio.length > 0 && { Audio: 'Complete' }),
          ...(audio.length === 0 && textOf(call.record) === 'false' && { Audio: 'Absent' }),
          ...analysisPart(call),
        }
      : {},
    warnings: warnings.texts,
  };
}

/** An analysis that was asked for and is not there yet may still come. */
function analysisPart(call: Fields): CallReport['completeness'] {
  if (analysisOf(call)) return { Analysis: 'Complete' };
  return isEmpty(call.analysis_schema) ? { Analysis: 'Absent' } : {};
}

function messageOf(phrase: Fields, warnings: Warnings): ReportedMessage {
  warnings.unknownFields('transcripts.', phrase, PHRASE_FIELDS);
  const role = ROLES.get(textOf(phrase.user) ?? '');
  if (!role) warnings.unknownValue('user', phrase.user);
  return {
    senderId: null,
    role: role ?? 'System',
    content: textOf(phrase.text) ?? '',
    at: instantOf(phrase.created_at),
  };
}

/** A step of a call that runs. */
function translateEvent(event: Fields, warnings: Warnings): CallReport {
  warnings.unknownFields('', event, EVENT_FIELDS);
  const at = instantOf(event.timestamp) ?? instantOf(event.created_at);
  const data = fieldsOf(event.data);
  const log = {
    level: event.category === 'error' ? ('Error' as const) : ('Info' as const),
    message: textOf(event.message) ?? textOf(event.category) ?? '',
    at,
    source: 'bland',
    details: { Category: textOf(event.category), ...(!isEmpty(data) && { Data: data }) },
  };
  return {
    stage: 'Started',
    order: at ?? 0,
    call: {},
    clients: [{ clientId: null, clientType: 'Unknown' }],
    agents: [],
    messages: [],
    logs: [log],
    audio: [],
    completeness: {},
    warnings: warnings.texts,
  };
}
