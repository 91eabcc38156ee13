import {
  entryOf,
  type Fields,
  fieldsOf,
  filledOf,
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
  ReportedClient,
  ReportedLog,
  Speaker,
  Translate,
} from '../source.ts';
import { AUDIO_FIELDS, SESSION_FIELDS } from './known-fields.ts';
import { timeOf } from './times.ts';
import { readTurns } from './turns.ts';

export const identifyPipecat: Identify = ({ body }) => ({
  callId: textOf(jsonOf(body).sessionId),
  eventType: 'session',
  eventId: null,
});

/** A session so far, or the whole of it after its end. */
export const translatePipecat: Translate = ({ body }) => {
  const session = jsonOf(body);
  const warnings = new Warnings();
  warnings.unknownFields('', session, SESSION_FIELDS);
  const { messages, logs, userIds, earliest } = readTurns(listOf(session.turns), warnings);
  const error = textOf(session.error);
  const endTime = timeOf(session.endedAt);
  const endReason = textOf(session.endReason) ?? (error === null ? null : 'ErrorFrame');
  const hasEnded = endTime !== null || endReason !== null;
  const audio = audioOf(session, warnings);
  const metadata = filledOf(fieldsOf(session.metadata));
  const callSid = textOf(session.callSid);
  return {
    stage: hasEnded ? 'Completed' : 'Started',
    order: endTime ?? messages.length,
    call: {
      ...(hasEnded ? { hasEnded } : { status: 'Active' }),
      queueId: textOf(session.queueId),
      startTime: timeOf(session.startedAt) ?? earliest,
      endTime,
      endReason,
      ...(metadata && { metadata: { Pipecat: metadata } }),
      ...(callSid && { otherIds: [{ source: 'twilio', id: callSid }] }),
    },
    clients: clientsOf(session, userIds, endReason),
    agents: [agentOf(session)],
    messages,
    logs: [...logs, ...logsOf(session, error, endTime)],
    audio,
    completeness: hasEnded
      ? {
          Transcript: messages.length > 0 ? 'Complete' : 'Absent',
          Analysis: 'Absent',
          ...(audio.length > 0 && { Audio: 'Complete' }),
        }
      : {},
    warnings: warnings.texts,
  };
};

function clientsOf(
  { phoneNumber, callSid }: Fields,
  userIds: readonly string[],
  leaveReason: string | null,
): ReportedClient[] {
  const number = textOf(phoneNumber);
  const isPhone = number !== null || textOf(callSid) !== null;
  const ids = userIds.length > 0 ? userIds : [number];
  return ids.map((clientId, at) => ({
    clientId,
    clientType: isPhone ? 'Phone' : 'Unknown',
    leaveReason,
    ...(at === 0 && { phoneNumber: number }),
  }));
}

const agentOf = ({ agentId }: Fields): ReportedAgent => ({
  agentId: textOf(agentId),
  agentType: 'AI',
});

const SPEAKERS: Readonly<Record<string, Speaker>> = {
  user: 'Client',
  bot: 'Agent',
  assistant: 'Agent',
};

/** Its length says nothing about the call: silence is left out, and tracks drift. */
function audioOf(session: Fields, warnings: Warnings): ReportedAudio[] {
  const audio = fieldsOf(session.audio);
  warnings.unknownFields('audio.', audio, AUDIO_FIELDS);
  const url = textOf(audio.url);
  if (url === null) return [];
  const startTime = timeOf(audio.startedAt);
  const channels = [audio.left, audio.right].map((name) => {
    const speaker = entryOf(SPEAKERS, String(name));
    if (textOf(name) !== null && !speaker) warnings.unknownValue('audio channel', name);
    return speaker ?? null;
  });
  const isSplit = numberOf(audio.channels) === 2 && channels.some((speaker) => speaker !== null);
  const of = isSplit ? { channels } : 'Mixed';
  return [{ url, of, ...(startTime !== null && { startTime }) }];
}

function logsOf({ metrics }: Fields, error: string | null, at: number | null): ReportedLog[] {
  const measured = listOf(metrics);
  const log = { at, source: 'pipecat' } as const;
  return [
    ...(error === null ? [] : [{ ...log, level: 'Error' as const, message: error }]),
    ...(measured.length === 0
      ? []
      : [
          {
            ...log,
            level: 'Info' as const,
            message: 'Measured latencies',
            details: { Metrics: measured },
          },
        ]),
  ];
}
