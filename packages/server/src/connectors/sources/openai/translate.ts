import type { ClientType } from '@colloquy/wire';
import { fieldsOf, filledOf, listOf, textOf, Warnings } from '../fields.ts';
import type {
  CallReport,
  Identify,
  ReportedAgent,
  ReportedCall,
  ReportedClient,
  ReportedMessage,
  TimedDelivery,
} from '../source.ts';
import { applyEvent } from './events.ts';
import { type LogEvent, readLog, sessionIdOf } from './log.ts';
import { messagesOf } from './messages.ts';
import { SessionLog } from './session-log.ts';
import { translatedMessages } from './translation.ts';

export const identifyOpenai: Identify = (delivery) => ({
  callId: sessionIdOf(delivery),
  eventType: 'log',
  eventId: null,
});

/** An event may add to one in another part of the log, so all parts are read together. */
export function translateOpenai(deliveries: readonly TimedDelivery[]): CallReport {
  const warnings = new Warnings();
  const log = new SessionLog(warnings);
  const events = readLog(deliveries, warnings);
  for (const event of events) applyEvent(log, event);
  const messages = [...messagesOf(log), ...translatedMessages(log)];
  return {
    stage: log.end ? 'Completed' : 'Started',
    order: 0,
    call: callOf(log, events),
    clients: clientsOf(log, messages),
    agents: agentsOf(log),
    messages,
    logs: log.logs,
    audio: [],
    completeness: log.end
      ? { ...(isTranscribed(log) && { Transcript: 'Complete' }), Analysis: 'Absent' }
      : {},
    warnings: warnings.texts,
  };
}

const isTranscribed = ({ items }: SessionLog) =>
  [...items.values()].every(
    ({ isAdded, isAudio, isTranscribed, hasFailed, fields }) =>
      !isAdded || !isAudio || fields.role !== 'user' || isTranscribed || hasFailed,
  );

function callOf(log: SessionLog, events: readonly LogEvent[]): ReportedCall {
  const firstAt = events.find(({ at }) => at !== null)?.at ?? null;
  const tracing = fieldsOf(fieldsOf(log.session.tracing).metadata);
  const legId = sipHeader(log, /^x-twilio-callsid$/i);
  const { session } = log;
  const metadata = filledOf({
    SessionId: log.sessionId,
    ConversationId: log.conversationId,
    CallId: textOf(log.incoming.call_id),
    SessionType: textOf(session.type),
    Model: textOf(session.model),
    PromptId: textOf(fieldsOf(session.prompt).id),
    Voice: textOf(fieldsOf(fieldsOf(session.audio).output).voice) ?? textOf(session.voice),
    ...Object.fromEntries(log.usage),
  });
  return {
    queueId: textOf(tracing.queueId) ?? textOf(tracing.queue_id),
    startTime: log.startTime ?? firstAt,
    ...(log.end && { hasEnded: true, endTime: log.end.at, endReason: log.end.reason }),
    ...(metadata && { metadata: { OpenAI: metadata } }),
    ...(legId && { otherIds: [{ source: 'twilio', id: legId }] }),
  };
}

function sipHeader({ incoming }: SessionLog, name: RegExp): string | null {
  const header = listOf(incoming.sip_headers).find((one) => name.test(textOf(one.name) ?? ''));
  return textOf(header?.value);
}

const PHONE_FORMAT = /pcmu|pcma|g711/;

function clientsOf(log: SessionLog, messages: readonly ReportedMessage[]): ReportedClient[] {
  const format = fieldsOf(fieldsOf(log.session.audio).input).format;
  const name = textOf(fieldsOf(format).type) ?? textOf(log.session.input_audio_format) ?? '';
  const isPhone = log.isPhone || PHONE_FORMAT.test(name);
  const clientType: ClientType = isPhone ? 'Phone' : 'Unknown';
  const phoneNumber = /sips?:(\+\d+)@/.exec(sipHeader(log, /^from$/i) ?? '')?.[1] ?? null;
  const caller = { clientId: phoneNumber, clientType, phoneNumber } as const;
  const others = new Set(
    messages.flatMap(({ role, senderId }) => (role === 'User' && senderId) || []),
  );
  if (others.size === 0) return [caller];
  // Whether the caller is one of the speakers is not known.
  const first = { ...caller, clientId: phoneNumber ?? 'client' };
  return [first, ...[...others].map((clientId) => ({ clientId, clientType }))];
}

/** OpenAI has no agents; the stored prompt or the model is the nearest to one. */
function agentsOf({ session }: SessionLog): ReportedAgent[] {
  if (session.type === 'transcription') return [];
  const agentId = textOf(fieldsOf(session.prompt).id) ?? textOf(session.model);
  return [{ agentId, agentType: 'AI' }];
}
