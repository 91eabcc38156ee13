import type { InitiationType } from '@colloquy/wire';
import {
  type Fields,
  fieldsOf,
  filledOf,
  listOf,
  numberOf,
  textOf,
  type Warnings,
} from '../fields.ts';
import type { Moment, ReportedAgent, ReportedCall, ReportedClient } from '../source.ts';

const PHONE_TYPES: readonly unknown[] = ['twilio', 'sip_trunking', 'exotel'];
const DIRECTIONS: ReadonlyMap<string, InitiationType> = new Map([
  ['inbound', 'Inbound'],
  ['outbound', 'Outbound'],
]);

/** How the person talks to the agent. */
export interface Channel
  extends Pick<ReportedCall, 'otherIds'>,
    Pick<ReportedClient, 'clientType' | 'phoneNumber'> {
  readonly initiationType: InitiationType | null;
  readonly personId: string | null;
}

export function channelOf(metadata: Fields, warnings: Warnings): Channel {
  const phoneCall = fieldsOf(metadata.phone_call);
  const whatsapp = fieldsOf(metadata.whatsapp);
  const sms = fieldsOf(metadata.sms);
  const used = [phoneCall, whatsapp, sms].find((one) => Object.keys(one).length > 0);
  if (!used) return { initiationType: 'Web', clientType: 'Web', personId: null };
  const direction = textOf(used.direction);
  if (direction && !DIRECTIONS.has(direction)) warnings.unknownValue('direction', direction);
  const { type, call_sid } = phoneCall;
  if (used === phoneCall && !PHONE_TYPES.includes(type)) {
    warnings.unknownValue('phone_call.type', type);
  }
  const phoneNumber = textOf(phoneCall.external_number) ?? textOf(sms.sms_user_phone_number);
  const legId = type === 'twilio' ? textOf(call_sid) : null;
  return {
    initiationType: DIRECTIONS.get(direction ?? '') ?? null,
    clientType: 'Phone',
    phoneNumber,
    personId: phoneNumber ?? textOf(whatsapp.whatsapp_user_id),
    ...(legId && { otherIds: [{ source: 'twilio', id: legId }] }),
  };
}

export function clientOf(data: Fields, channel: Channel): ReportedClient {
  const { user_id } = fieldsOf(data.conversation_initiation_client_data);
  return {
    clientId: textOf(data.user_id) ?? textOf(user_id) ?? channel.personId,
    clientType: channel.clientType,
    phoneNumber: channel.phoneNumber ?? null,
  };
}

export function agentsOf(data: Fields): ReportedAgent[] {
  const agentId = textOf(data.agent_id);
  const visited = listOf(data.visited_agents).map(({ agent_id }) => textOf(agent_id));
  const ids = new Set([...visited, agentId].filter((id) => id !== null));
  const agents = [...ids].map(
    (id): ReportedAgent => ({
      agentId: id,
      agentType: 'AI',
      ...(id === agentId && { name: textOf(data.agent_name) }),
    }),
  );
  return agents.length > 0 ? agents : [{ agentId: null, agentType: 'AI' }];
}

/** A dialer of ours passes the id of its call of the queue on as a dynamic variable. */
export function queueIdOf(data: Fields, metadata: Fields): string | null {
  const { dynamic_variables } = fieldsOf(data.conversation_initiation_client_data);
  const { queue_id, queueId } = fieldsOf(dynamic_variables);
  const { batch_call_id, batch_call_recipient_id } = fieldsOf(metadata.batch_call);
  const batch = [batch_call_id, batch_call_recipient_id].map(textOf).filter((id) => id !== null);
  return textOf(queue_id) ?? textOf(queueId) ?? (batch.length > 0 ? batch.join(':') : null);
}

export function endTimeOf(metadata: Fields): Moment {
  const seconds = numberOf(metadata.call_duration_secs);
  return seconds === null ? null : { sinceStart: Math.round(seconds * 1000) };
}

/** `cost` is in credits, `cost_fiat` in US dollars. */
export function costOf(metadata: Fields): ReportedCall['cost'] {
  const amount = numberOf(metadata.cost_fiat);
  if (amount === null) return undefined;
  const { llm_price, platform_price } = fieldsOf(metadata.charging);
  const [llm, platform] = [numberOf(llm_price), numberOf(platform_price)];
  const parts = { ...(llm !== null && { llm }), ...(platform !== null && { platform }) };
  return { amount, currency: 'USD', parts };
}

export function metadataOf(data: Fields, metadata: Fields): Fields | null {
  const phoneCall = fieldsOf(metadata.phone_call);
  const batch = fieldsOf(metadata.batch_call);
  return filledOf({
    BatchCallId: textOf(batch.batch_call_id),
    BatchCallRecipientId: textOf(batch.batch_call_recipient_id),
    PhoneCallType: textOf(phoneCall.type),
    PhoneNumberId: textOf(phoneCall.phone_number_id),
    CallSid: textOf(phoneCall.call_sid),
    BranchId: textOf(data.branch_id),
    VersionId: textOf(data.version_id),
    Environment: textOf(data.environment),
    Language: textOf(metadata.main_language),
    Credits: numberOf(metadata.cost),
    TagIds: data.tag_ids,
  });
}

export function analysisOf(data: Fields): ReportedCall['analysis'] {
  const { transcript_summary, call_successful, ...others } = fieldsOf(data.analysis);
  const structured = filledOf(others);
  const summary = textOf(transcript_summary);
  const success = textOf(call_successful);
  if (summary === null && success === null && structured === null) return undefined;
  return { summary, success, structured };
}
