import { type Fields, fieldsOf, filledOf, textOf, type Warnings } from '../fields.ts';
import type { CallReport } from '../source.ts';
import { FAILURE_FIELDS } from './known-fields.ts';

const FAILURE_REASONS: readonly string[] = ['busy', 'no-answer', 'unknown'];

/** `call_initiation_failure`: a call that was never set up, so it has no start time and no transcript. */
export function translateFailure(data: Fields, order: number, warnings: Warnings): CallReport {
  warnings.unknownFields('data.', data, FAILURE_FIELDS);
  const metadata = fieldsOf(data.metadata);
  const body = fieldsOf(metadata.body);
  const type = textOf(metadata.type);
  if (type !== 'twilio' && type !== 'sip') warnings.unknownValue('metadata.type', type);
  const legId = type === 'twilio' ? textOf(body.CallSid) : null;
  const isInbound = textOf(body.Direction)?.startsWith('inbound') ?? false;
  const number = isInbound
    ? (textOf(body.From) ?? textOf(body.from_number))
    : (textOf(body.To) ?? textOf(body.to_number));
  const endReason = reasonOf(data, warnings);
  return {
    stage: 'Ended',
    order,
    call: {
      hasEnded: true,
      endReason,
      initiationType: isInbound ? 'Inbound' : 'Outbound',
      ...(legId && { otherIds: [{ source: 'twilio', id: legId }] }),
    },
    clients: [
      { clientId: number, clientType: 'Phone', phoneNumber: number, leaveReason: endReason },
    ],
    agents: [{ agentId: textOf(data.agent_id), agentType: 'AI' }],
    messages: [],
    logs: [logOf(body, endReason)],
    audio: [],
    completeness: { Transcript: 'Absent', Audio: 'Absent', Analysis: 'Absent' },
    warnings: warnings.texts,
  };
}

function reasonOf({ failure_reason }: Fields, warnings: Warnings): string {
  const reason = textOf(failure_reason) ?? 'unknown';
  if (FAILURE_REASONS.includes(reason)) return reason;
  warnings.unknownValue('failure_reason', reason);
  return `unknown: ${reason}`;
}

/** The body has the parameters of Twilio's status callback or those of a SIP trunk. */
function logOf(body: Fields, endReason: string): CallReport['logs'][number] {
  const details = filledOf({
    CallStatus: textOf(body.CallStatus),
    ErrorCode: textOf(body.ErrorCode),
    ErrorReason: textOf(body.error_reason),
    SipStatusCode: textOf(body.sip_status_code) ?? textOf(body.SipResponseCode),
    SipStatus: textOf(body.sip_status),
    TwirpCode: textOf(body.twirp_code),
  });
  const isFailure = endReason.startsWith('unknown');
  return {
    level: isFailure ? 'Error' : 'Info',
    message: `The call was not set up: ${endReason}.`,
    at: null,
    source: 'elevenlabs',
    ...(details && { details }),
  };
}
