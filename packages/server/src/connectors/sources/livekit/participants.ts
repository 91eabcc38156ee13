import { type Fields, fieldsOf, filledOf, instantOf, textOf, type Warnings } from '../fields.ts';
import type { CallReport, ReportedCall, ReportedClient } from '../source.ts';
import { PARTICIPANT_FIELDS } from './known-fields.ts';
import { queueIdIn } from './queue-id.ts';

const LATEST = 8.64e15;

/** `ParticipantInfo.Kind`, by name or number. The default is left out. */
const KINDS: Readonly<Record<string, ReportedClient['clientType'] | 'Agent' | null>> = {
  STANDARD: 'Web',
  INGRESS: 'Unknown',
  EGRESS: null,
  SIP: 'Phone',
  AGENT: 'Agent',
  CONNECTOR: 'Phone',
  BRIDGE: 'Unknown',
  0: 'Web',
  1: 'Unknown',
  2: null,
  3: 'Phone',
  4: 'Agent',
  7: 'Phone',
  8: 'Unknown',
};
/** A participant who comes back at once, or on another server. */
const RETURNING = new Set(['DUPLICATE_IDENTITY', 'MIGRATION']);

/**
 * Those who left are folded by that time, so that the last time counts; then those who joined, the
 * earliest last: its time counts, and it comes first in the list.
 */
export function translateParticipant(
  name: string,
  { participant, createdAt }: Fields,
  warnings: Warnings,
): Partial<CallReport> {
  const fields = fieldsOf(participant);
  warnings.unknownFields('participant.', fields, PARTICIPANT_FIELDS);
  const kind = kindOf(fields, warnings);
  const joinedAt = instantOf(fields.joinedAtMs) ?? instantOf(fields.joinedAt);
  const createdTime = instantOf(createdAt);
  const hasJoined = name === 'participant_joined';
  const reason = textOf(fields.disconnectReason);
  const hasLeft = !hasJoined && !RETURNING.has(reason ?? '');
  const presence = {
    name: textOf(fields.name),
    joinedAt: joinedAt ?? (hasJoined ? createdTime : null),
    ...(hasLeft && { leftAt: laterOf(createdTime, joinedAt), leaveReason: reason }),
  };
  const isClient = kind !== null && kind !== 'Agent';
  const isObserver = fieldsOf(fields.permission).hidden === true;
  const isSpeaker = isClient && !isObserver;
  return {
    stage: 'Completed',
    order: hasJoined ? LATEST - (joinedAt ?? createdTime ?? 0) : (createdTime ?? 0),
    call: {
      ...(hasJoined && kind !== null && { status: 'Active', startTime: presence.joinedAt }),
      ...(hasLeft && (isSpeaker || reason === 'AGENT_ERROR') && { endReason: reason }),
      ...(isSpeaker && callOf(fields, kind)),
    },
    clients: isClient ? [{ ...presence, ...clientOf(fields, isObserver ? 'Observer' : kind) }] : [],
    agents:
      kind === 'Agent'
        ? [
            {
              ...presence,
              agentId: identityOf(fields),
              agentType: 'AI',
              name: textOf(fieldsOf(fields.attributes)['lk.agent.name']) ?? presence.name,
            },
          ]
        : [],
  };
}

/** `createdAt` is in whole seconds. */
const laterOf = (createdAt: number | null, joinedAt: number | null) =>
  createdAt === null ? null : Math.max(createdAt, joinedAt ?? 0);

const identityOf = (fields: Fields) => textOf(fields.identity) ?? textOf(fields.sid);

function kindOf({ kind }: Fields, warnings: Warnings): (typeof KINDS)[string] {
  const given = textOf(kind) ?? 'STANDARD';
  if (Object.hasOwn(KINDS, given)) return KINDS[given] ?? null;
  warnings.unknownValue('participant.kind', kind);
  return 'Unknown';
}

function clientOf(fields: Fields, clientType: ReportedClient['clientType']): ReportedClient {
  return {
    clientId: identityOf(fields),
    clientType,
    phoneNumber: textOf(fieldsOf(fields.attributes)['sip.phoneNumber']),
  };
}

const OUTBOUND_STATUSES = new Set(['dialing', 'automation']);

function callOf(fields: Fields, kind: ReportedClient['clientType']): ReportedCall {
  const attributes = fieldsOf(fields.attributes);
  const twilioSid = textOf(attributes['sip.twilio.callSid']);
  const queueId = queueIdIn(attributes) ?? queueIdIn(fields.metadata);
  const metadata = filledOf({
    SipCallId: textOf(attributes['sip.callID']),
    SipTrunkPhoneNumber: textOf(attributes['sip.trunkPhoneNumber']),
    TwilioCallSid: twilioSid,
  });
  const isOutbound = OUTBOUND_STATUSES.has(textOf(attributes['sip.callStatus']) ?? '');
  return {
    initiationType: kind === 'Web' ? 'Web' : isOutbound ? 'Outbound' : null,
    ...(queueId && { queueId }),
    ...(metadata && { metadata: { LiveKit: metadata } }),
    ...(twilioSid && { otherIds: [{ source: 'twilio', id: twilioSid }] }),
  };
}
