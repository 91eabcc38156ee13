import { type Masking, maskText, textMask } from '../../redaction/mask.ts';
import { mapJson } from '../../redaction/text/map-json.ts';
import type { Conversation, Log, Message } from '../model/conversation.ts';
import type { SingleEvent } from '../model/event-to-wire.ts';
import { findAllSpansInTurns, findTranscriptSpans } from './find-spans.ts';
import { maskLogs, maskMessages } from './mask-transcript.ts';

/** Messages and logs as they are masked next to each other. */
export interface MaskedTranscript {
  readonly messages: ReadonlyMap<Message, Message>;
  readonly logs: ReadonlyMap<Log, Log>;
}

type Transcript = Pick<Conversation, 'messages' | 'logs'>;

function maskedTranscript(
  { messages, logs }: Transcript,
  found: Awaited<ReturnType<typeof findAllSpansInTurns>>,
  masking: Masking,
): MaskedTranscript {
  const maskedMessages = maskMessages(messages, found.messages, [], masking);
  const maskedLogs = maskLogs(logs, found.logs, masking);
  return {
    messages: new Map(messages.map((message, at) => [message, maskedMessages[at] ?? message])),
    logs: new Map(logs.map((log, at) => [log, maskedLogs[at] ?? log])),
  };
}

/** Of a live conversation, which has no stored spans. */
export async function maskTranscript(
  conversation: Conversation,
  masking: Masking,
): Promise<MaskedTranscript> {
  const found = await findAllSpansInTurns(conversation, masking.country);
  return maskedTranscript(conversation, found, masking);
}

/** Of a few messages and logs in time order. */
export function maskRecent(transcript: Transcript, masking: Masking): MaskedTranscript {
  const found = findTranscriptSpans(transcript, masking.country);
  return maskedTranscript(transcript, found, masking);
}

/** As a reader of masked data sees it, next to others of its conversation. */
export function maskEvent(
  event: SingleEvent,
  transcript: MaskedTranscript,
  masking: Masking,
): SingleEvent {
  const eventId = masking.showId(event.eventId);
  const person = {
    ...('name' in event && event.name !== undefined && { name: '[NAME]' }),
    ...('phoneNumber' in event && event.phoneNumber !== undefined && { phoneNumber: '[PHONE]' }),
  };
  const left = (leaveReason: string | null) => leaveReason && maskText(leaveReason, masking);
  switch (event.type) {
    case 'message': {
      const message = transcript.messages.get(event.message);
      if (!message) throw new Error('a message that was not masked');
      return { ...event, eventId, message };
    }
    case 'log': {
      const log = transcript.logs.get(event.log);
      if (!log) throw new Error('a log that was not masked');
      return { ...event, eventId, log };
    }
    case 'started': {
      const { queueId, metadata, source } = event;
      const map = textMask(masking);
      return {
        ...event,
        eventId,
        queueId: queueId && masking.showId(queueId),
        metadata: mapJson(metadata, map) as typeof metadata,
        ...(source && { source: mapJson(source, map) as typeof source }),
      };
    }
    case 'clientJoined':
      return { ...event, ...person, eventId, clientId: masking.tokenOf(event.clientId) };
    case 'agentJoined':
      return { ...event, ...person, eventId, agentId: masking.tokenOf(event.agentId) };
    case 'clientLeft': {
      const clientId = masking.tokenOf(event.clientId);
      return { ...event, eventId, clientId, leaveReason: left(event.leaveReason) };
    }
    case 'agentLeft': {
      const agentId = masking.tokenOf(event.agentId);
      return { ...event, eventId, agentId, leaveReason: left(event.leaveReason) };
    }
    case 'statusChanged':
      return { ...event, eventId };
    case 'ended': {
      const { endReason } = event;
      if (endReason === undefined) return { ...event, eventId };
      return { ...event, eventId, endReason: maskText(endReason, masking) };
    }
  }
}
