import { entryOf, type Fields, filledOf, numberOf, textOf, type Warnings } from '../fields.ts';
import type {
  CallReport,
  ReportedAgent,
  ReportedCall,
  ReportedClient,
  ReportedLog,
  Stage,
} from '../source.ts';
import { rfc2822Of } from './form.ts';
import { CALL_FIELDS, SIP_HEADER } from './known-fields.ts';
import { audioOf } from './recording.ts';

interface State extends Pick<ReportedCall, 'status' | 'hasEnded'> {
  readonly stage: Stage;
}

const STATES: Readonly<Record<string, State>> = {
  queued: { stage: 'Announced', status: 'Created' },
  initiated: { stage: 'Announced', status: 'Created' },
  ringing: { stage: 'Announced', status: 'WaitingForPrimaryClient' },
  // After the end, whose start is less exact: its time minus a rounded duration.
  'in-progress': { stage: 'Completed', status: 'Active' },
  completed: { stage: 'Ended', hasEnded: true },
  busy: { stage: 'Ended', hasEnded: true },
  'no-answer': { stage: 'Ended', hasEnded: true },
  failed: { stage: 'Ended', hasEnded: true },
  canceled: { stage: 'Ended', hasEnded: true },
};
const NEVER_CONNECTED = new Set(['busy', 'no-answer', 'failed', 'canceled']);

const DIRECTIONS: Readonly<Record<string, 'Inbound' | 'Outbound'>> = {
  inbound: 'Inbound',
  'outbound-api': 'Outbound',
  'outbound-dial': 'Outbound',
  'trunking-originating': 'Inbound',
  'trunking-terminating': 'Outbound',
};

interface Parts {
  readonly fields: Fields;
  readonly status: string;
  readonly state: State;
  readonly direction: 'Inbound' | 'Outbound' | undefined;
  readonly at: number | null;
  readonly startTime: number | null;
}

export function translateCall(fields: Fields, warnings: Warnings): CallReport {
  warnUnknown(fields, warnings);
  const parts = readParts(fields, warnings);
  const { status, state } = parts;
  const isOtherLeg = textOf(fields.ParentCallSid) !== null;
  const audio = isOtherLeg ? [] : audioOf(fields);
  return {
    // What is known of the call itself comes first in its lists.
    stage: isOtherLeg ? 'Announced' : state.stage,
    order: isOtherLeg && status === 'in-progress' ? 1e9 : (numberOf(fields.SequenceNumber) ?? 0),
    call: isOtherLeg ? {} : callOf(parts),
    clients: isOtherLeg ? [] : [clientOf(parts)],
    agents: isOtherLeg ? otherLegOf(parts) : [agentOf(parts)],
    messages: [],
    logs: [logOf(parts, isOtherLeg)],
    audio,
    completeness:
      NEVER_CONNECTED.has(status) && !isOtherLeg
        ? { Transcript: 'Absent', Audio: 'Absent', Analysis: 'Absent' }
        : audio.length > 0
          ? { Audio: 'Complete' }
          : {},
    warnings: warnings.texts,
  };
}

/** The result of an answering machine detection that ran beside the call. */
export function translateDetection(fields: Fields, warnings: Warnings): CallReport {
  warnUnknown(fields, warnings);
  const answeredBy = textOf(fields.AnsweredBy);
  const log = { level: 'Info', source: 'twilio', at: rfc2822Of(fields.Timestamp) } as const;
  return {
    stage: 'Completed',
    order: 0,
    call: {
      endReason: machineOf(fields),
      metadata: { Twilio: { AnsweredBy: answeredBy } },
    },
    clients: [],
    agents: [],
    messages: [],
    logs: [{ ...log, message: `Answered by ${answeredBy ?? 'unknown'}` }],
    audio: [],
    completeness: {},
    warnings: warnings.texts,
  };
}

function warnUnknown(fields: Fields, warnings: Warnings): void {
  const named = Object.entries(fields).filter(([name]) => !SIP_HEADER.test(name));
  warnings.unknownFields('', Object.fromEntries(named), CALL_FIELDS);
}

function readParts(fields: Fields, warnings: Warnings): Parts {
  const status = textOf(fields.CallStatus) ?? '';
  const known = entryOf(STATES, status);
  if (!known) warnings.unknownValue('CallStatus', fields.CallStatus);
  const given = textOf(fields.Direction) ?? '';
  const direction = entryOf(DIRECTIONS, given);
  if (given !== '' && !direction) warnings.unknownValue('Direction', given);
  const at = rfc2822Of(fields.Timestamp);
  if (at === null && textOf(fields.Timestamp)) warnings.add('The Timestamp is not RFC 2822.');
  const state = known ?? { stage: 'Announced' as const };
  return { fields, status, state, direction, at, startTime: startOf(fields, status, at) };
}

/** Longer than any call. */
const MAX_SECONDS = 1e6;

/** Until the call is answered, when it was announced. Null if it was never answered. */
function startOf(fields: Fields, status: string, at: number | null): number | null {
  if (at === null || NEVER_CONNECTED.has(status)) return null;
  if (status !== 'completed') return at;
  const seconds = numberOf(fields.CallDuration) ?? -1;
  return seconds < 0 || seconds > MAX_SECONDS ? null : at - seconds * 1000;
}

const machineOf = ({ AnsweredBy }: Fields): string | null =>
  textOf(AnsweredBy)?.startsWith('machine_') ? textOf(AnsweredBy) : null;

const endReasonOf = ({ fields, status, state }: Parts): string | null =>
  machineOf(fields) ?? (state.hasEnded ? status : null);

function callOf(parts: Parts): ReportedCall {
  const { fields, state, direction, at, startTime } = parts;
  const duration = numberOf(fields.CallDuration);
  const metadata = filledOf({
    Direction: textOf(fields.Direction),
    AnsweredBy: textOf(fields.AnsweredBy),
    ForwardedFrom: textOf(fields.ForwardedFrom),
    SipResponseCode: textOf(fields.SipResponseCode),
    StirVerstat: textOf(fields.StirVerstat),
  });
  const { clientType } = clientOf(parts);
  return {
    status: state.status ?? null,
    startTime,
    ...(state.hasEnded && {
      hasEnded: true,
      endTime: at ?? (duration === null ? null : { sinceStart: duration * 1000 }),
    }),
    endReason: endReasonOf(parts),
    initiationType: clientType === 'Web' && direction === 'Inbound' ? 'Web' : (direction ?? null),
    ...(metadata && { metadata: { Twilio: metadata } }),
  };
}

const CLIENT_PREFIX = /^client:/i;
const NO_NUMBER = /^(?:client|sip|sips|whatsapp):/i;

function clientOf({ fields, direction, status, state }: Parts): ReportedClient {
  const id =
    direction === undefined ? null : textOf(direction === 'Inbound' ? fields.From : fields.To);
  return {
    clientId: id,
    clientType: id === null ? 'Unknown' : CLIENT_PREFIX.test(id) ? 'Web' : 'Phone',
    phoneNumber: id === null || NO_NUMBER.test(id) ? null : id,
    name: direction === 'Inbound' ? textOf(fields.CallerName) : null,
    leaveReason: state.hasEnded ? status : null,
  };
}

/** Twilio knows the number that the agent uses, and nothing else of it. */
const agentOf = ({ fields, direction }: Parts): ReportedAgent => ({
  agentId:
    direction === undefined ? null : textOf(direction === 'Inbound' ? fields.To : fields.From),
  agentType: 'Unknown',
});

/** A call that the call dialed, such as that to a person who takes over, once it is answered. */
function otherLegOf({ fields, status, state, at, startTime }: Parts): ReportedAgent[] {
  if (status !== 'in-progress' && status !== 'completed') return [];
  return [
    {
      agentId: textOf(fields.To) ?? textOf(fields.CallSid),
      agentType: 'Human',
      joinedAt: startTime,
      ...(state.hasEnded && { leftAt: at, leaveReason: status }),
    },
  ];
}

function logOf({ fields, status, at }: Parts, isOtherLeg: boolean): ReportedLog {
  const sipCode = numberOf(fields.SipResponseCode);
  const errorCode = textOf(fields.ErrorCode);
  const isError = (sipCode !== null && sipCode >= 400) || (errorCode !== null && errorCode !== '0');
  const details = filledOf({
    SequenceNumber: numberOf(fields.SequenceNumber),
    CallSid: isOtherLeg ? textOf(fields.CallSid) : null,
    SipResponseCode: sipCode,
    ErrorCode: errorCode,
    ErrorMessage: textOf(fields.ErrorMessage),
    AnsweredBy: textOf(fields.AnsweredBy),
  });
  return {
    level: isError ? 'Error' : 'Info',
    message: `${isOtherLeg ? 'Dialed call' : 'Call'} ${status}`,
    at,
    source: 'twilio',
    ...(details && { details }),
  };
}
