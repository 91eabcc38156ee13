import {
  entryOf,
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
  Identify,
  ReportedAgent,
  ReportedAudio,
  ReportedCall,
  ReportedClient,
  ReportedLog,
  Stage,
  Translate,
} from '../source.ts';
import {
  ANALYSIS_FIELDS,
  ARTIFACT_FIELDS,
  CALL_FIELDS,
  EVENT_TYPES,
  MESSAGE_FIELDS,
} from './known-fields.ts';
import { readRows } from './messages.ts';

const REPORT = 'end-of-call-report';

const KINDS: Readonly<
  Record<string, Pick<ReportedCall, 'initiationType'> & Pick<ReportedClient, 'clientType'>>
> = {
  inboundPhoneCall: { initiationType: 'Inbound', clientType: 'Phone' },
  outboundPhoneCall: { initiationType: 'Outbound', clientType: 'Phone' },
  webCall: { initiationType: 'Web', clientType: 'Web' },
  'vapi.websocketCall': { initiationType: 'Web', clientType: 'Web' },
};

const STATES: Readonly<
  Record<string, Pick<ReportedCall, 'status' | 'hasEnded'> & { stage: Stage }>
> = {
  scheduled: { stage: 'Announced', status: 'Created' },
  queued: { stage: 'Announced', status: 'Created' },
  ringing: { stage: 'Announced', status: 'WaitingForPrimaryClient' },
  'in-progress': { stage: 'Started', status: 'Active' },
  forwarding: { stage: 'Started', status: 'Ending' },
  ended: { stage: 'Ended', hasEnded: true },
};

/** Dedicated headers are optional settings at Vapi. */
export const identifyVapi: Identify = ({ headers, body }) => {
  const message = fieldsOf(jsonOf(body).message);
  return {
    callId: textOf(fieldsOf(message.call).id),
    eventType: textOf(message.type) ?? '',
    eventId: headers['svix-id'] ?? headers['webhook-id'] ?? null,
  };
};

export const translateVapi: Translate = ({ body }) => {
  const warnings = new Warnings();
  const message = fieldsOf(jsonOf(body).message);
  const parts = readParts(message, warnings);
  const { call, artifact } = parts;
  const startTime = instantOf(message.startedAt) ?? instantOf(call.startedAt);
  const rows = listOf(artifact.messages).length > 0 ? artifact.messages : message.messages;
  const { messages, logs } = readRows(listOf(rows), { startTime, warnings });
  const state = stateOf(message, warnings);
  const isReport = message.type === REPORT;
  const audio = audioOf(artifact);
  const analysis = analysisOf(message, call, artifact);
  const cost = costOf(message, call);
  return {
    stage: state.stage,
    order: instantOf(message.timestamp) ?? 0,
    call: {
      ...callOf(parts),
      ...(state.status && { status: state.status }),
      ...(state.hasEnded && { hasEnded: true }),
      startTime,
      endTime: instantOf(message.endedAt) ?? instantOf(call.endedAt),
      endReason: textOf(message.endedReason) ?? textOf(call.endedReason),
      ...(analysis && { analysis }),
      ...(cost && { cost }),
    },
    clients: [clientOf(parts, warnings)],
    agents: agentsOf(parts),
    messages,
    logs: [...logs, ...logsOf(parts)],
    audio,
    completeness: isReport
      ? {
          Transcript: messages.length > 0 ? 'Complete' : 'Absent',
          ...(audio.length > 0 && { Audio: 'Complete' }),
          Analysis: analysis ? 'Complete' : 'Absent',
        }
      : {},
    warnings: warnings.texts,
  };
};

interface Parts {
  readonly message: Fields;
  readonly call: Fields;
  readonly artifact: Fields;
  readonly customer: Fields;
}

function readParts(message: Fields, warnings: Warnings): Parts {
  const call = fieldsOf(message.call);
  const artifact = fieldsOf(message.artifact ?? call.artifact);
  warnings.unknownFields('', message, MESSAGE_FIELDS);
  warnings.unknownFields('call.', call, CALL_FIELDS);
  warnings.unknownFields('artifact.', artifact, ARTIFACT_FIELDS);
  warnings.unknownFields('analysis.', fieldsOf(message.analysis), ANALYSIS_FIELDS);
  return { message, call, artifact, customer: fieldsOf(message.customer ?? call.customer) };
}

function stateOf(message: Fields, warnings: Warnings): (typeof STATES)[string] {
  if (message.type === REPORT) return { stage: 'Completed', hasEnded: true };
  if (!EVENT_TYPES.has(textOf(message.type) ?? '')) warnings.unknownValue('type', message.type);
  if (message.type !== 'status-update') return { stage: 'Started' };
  const state = entryOf(STATES, textOf(message.status));
  if (!state) warnings.unknownValue('status', message.status);
  return state ?? { stage: 'Announced' };
}

const isQueueId = (text: string | null) => text?.startsWith('queue_') ?? false;

/** A dialer of ours passes the id of its call of the queue on. */
function queueIdOf({ call, customer }: Parts): string | null {
  const overrides = fieldsOf(fieldsOf(call.assistantOverrides).variableValues);
  const given = [overrides.queueId, overrides.queue_id, customer.externalId].map(textOf);
  return given.find(isQueueId) ?? textOf(call.campaignId);
}

function clientIdOf({ customer }: Parts): string | null {
  const externalId = textOf(customer.externalId);
  const ownId = isQueueId(externalId) ? null : externalId;
  return ownId ?? textOf(customer.number) ?? textOf(customer.sipUri);
}

function callOf(parts: Parts): ReportedCall {
  const { call, message } = parts;
  const legId = textOf(call.phoneCallProviderId);
  const provider = textOf(call.phoneCallProvider);
  const consent = fieldsOf(fieldsOf(message.compliance ?? call.compliance).recordingConsent);
  const metadata = filledOf({
    CampaignId: textOf(call.campaignId),
    PhoneNumberId: textOf(call.phoneNumberId),
    PhoneCallProvider: provider,
    PhoneCallProviderId: legId,
    RecordingConsent: textOf(consent.type),
  });
  return {
    queueId: queueIdOf(parts),
    initiationType: entryOf(KINDS, textOf(call.type))?.initiationType ?? null,
    ...(metadata && { metadata: { Vapi: metadata } }),
    ...(legId && provider === 'twilio' && { otherIds: [{ source: 'twilio', id: legId }] }),
  };
}

function clientOf(parts: Parts, warnings: Warnings): ReportedClient {
  const { message, call, customer } = parts;
  const type = textOf(call.type);
  const kind = entryOf(KINDS, type);
  if (type && !kind) warnings.unknownValue('call.type', type);
  return {
    clientId: clientIdOf(parts),
    clientType: kind?.clientType ?? 'Unknown',
    phoneNumber: textOf(customer.number),
    name: textOf(customer.name),
    leaveReason: textOf(message.endedReason) ?? textOf(call.endedReason),
  };
}

function agentsOf({ message, call, artifact }: Parts): ReportedAgent[] {
  const assistant = fieldsOf(message.assistant ?? call.assistant);
  const active = listOf(artifact.assistantActivations).flatMap((activation) => {
    const id = textOf(activation.assistantId) ?? textOf(activation.assistantName);
    return id === null ? [] : [{ agentId: id, name: textOf(activation.assistantName) }];
  });
  const agentId = textOf(call.assistantId) ?? textOf(assistant.id);
  const assistants = active.length > 0 ? active : [{ agentId, name: textOf(assistant.name) }];
  const connected = listOf(artifact.transfers).filter(({ status }) => status === 'connected');
  const forwarded = message.endedReason === 'assistant-forwarded-call' ? [message] : [];
  const people = [...connected, ...forwarded].flatMap(({ destination }) => {
    const { number, sipUri, type } = fieldsOf(destination);
    const id = textOf(number) ?? textOf(sipUri);
    const joinedAt = instantOf(message.endedAt) ?? instantOf(call.endedAt);
    return id === null || type === 'assistant' ? [] : [{ agentId: id, joinedAt }];
  });
  const unique = (agents: readonly { agentId: string | null; name?: string | null }[]) => [
    ...new Map(agents.map((agent) => [agent.agentId, agent])).values(),
  ];
  return [
    ...unique(assistants).map((agent) => ({ ...agent, agentType: 'AI' as const })),
    ...unique(people).map((agent) => ({ ...agent, agentType: 'Human' as const })),
  ];
}

/** Pre-signed links first: the others may need a login. */
function audioOf(artifact: Fields): ReportedAudio[] {
  const recording = fieldsOf(artifact.recording);
  const mono = fieldsOf(recording.mono);
  const urls = {
    client: textOf(artifact.presignedCustomerUrl) ?? textOf(mono.customerUrl),
    agent: textOf(artifact.presignedAssistantUrl) ?? textOf(mono.assistantUrl),
    mixed:
      textOf(artifact.presignedMonoUrl) ??
      textOf(mono.combinedUrl) ??
      textOf(artifact.recordingUrl) ??
      textOf(artifact.presignedStereoUrl) ??
      textOf(recording.stereoUrl) ??
      textOf(artifact.stereoRecordingUrl),
  };
  return [
    ...(urls.client ? [{ url: urls.client, of: 'Client' as const }] : []),
    ...(urls.agent ? [{ url: urls.agent, of: 'Agent' as const }] : []),
    ...(urls.mixed ? [{ url: urls.mixed, of: 'Mixed' as const }] : []),
  ];
}

function analysisOf(message: Fields, call: Fields, artifact: Fields): ReportedCall['analysis'] {
  const analysis = fieldsOf(isEmpty(message.analysis) ? call.analysis : message.analysis);
  const { structuredData, structuredDataMulti, successEvaluation } = analysis;
  const { structuredOutputs, scorecards } = artifact;
  const structured = filledOf({
    structuredData,
    structuredDataMulti,
    structuredOutputs,
    scorecards,
  });
  const summary = textOf(analysis.summary);
  const success = textOf(successEvaluation);
  if (summary === null && success === null && structured === null) return undefined;
  return { summary, success, structured };
}

const COST_PARTS = ['transport', 'stt', 'llm', 'tts', 'vapi', 'chat'];

function costOf(message: Fields, call: Fields): ReportedCall['cost'] {
  const amount = numberOf(message.cost) ?? numberOf(call.cost);
  if (amount === null) return undefined;
  const breakdown = fieldsOf(message.costBreakdown ?? call.costBreakdown);
  const parts: Record<string, number> = {};
  for (const part of COST_PARTS) {
    const value = numberOf(breakdown[part]);
    if (value !== null) parts[part] = value;
  }
  if (isEmpty(parts)) {
    for (const { type, cost } of listOf(message.costs ?? call.costs)) {
      const name = textOf(type) ?? 'other';
      parts[name] = (parts[name] ?? 0) + (numberOf(cost) ?? 0);
    }
  }
  return { amount, currency: 'USD', parts };
}

function logsOf({ message, call, artifact }: Parts): ReportedLog[] {
  const at = instantOf(message.endedAt) ?? instantOf(call.endedAt);
  const log = { at, source: 'vapi' } as const;
  const endedMessage = textOf(call.endedMessage) ?? textOf(message.endedMessage);
  const skipped = Object.values(fieldsOf(artifact.skippedStructuredOutputs));
  const metrics = Object.entries(fieldsOf(artifact.performanceMetrics)).filter(
    ([, value]) => typeof value === 'number',
  );
  const details = metrics.length > 0 ? { details: Object.fromEntries(metrics) } : null;
  return [
    ...(endedMessage ? [{ ...log, level: 'Info' as const, message: endedMessage }] : []),
    ...skipped.map((output) => ({
      ...log,
      level: 'Warning' as const,
      message: `The structured output ${textOf(fieldsOf(output).name) ?? ''} was skipped.`,
    })),
    ...(details
      ? [{ ...log, level: 'Info' as const, message: 'Measured latencies', ...details }]
      : []),
  ];
}
