import { type Fields, fieldsOf, filledOf, instantOf, textOf, type Warnings } from '../fields.ts';
import type { CallReport, ReportedCall, ReportedLog } from '../source.ts';
import { translateEgress } from './egress.ts';
import { EVENT_FIELDS, EVENTS, JOB_FIELDS, ROOM_FIELDS } from './known-fields.ts';
import { translateParticipant } from './participants.ts';
import { queueIdIn } from './queue-id.ts';

/** The JSON of protobuf: integers of 64 bits are texts, and values that are the default are left out. */
export function translateWebhook(event: Fields, warnings: Warnings): CallReport {
  const name = textOf(event.event) ?? '';
  if (!EVENTS.has(name)) warnings.unknownValue('event', event.event);
  warnings.unknownFields('', event, EVENT_FIELDS);
  const job = fieldsOf(event.job);
  const room = fieldsOf(event.room ?? job.room);
  warnings.unknownFields('room.', room, ROOM_FIELDS);
  warnings.unknownFields('job.', job, JOB_FIELDS);
  const part = partOf(name, event, warnings);
  return {
    stage: 'Announced',
    order: instantOf(event.createdAt) ?? 0,
    clients: [],
    agents: [],
    messages: [],
    logs: [],
    audio: [],
    completeness: {},
    ...part,
    call: { ...roomOf(room, job), ...part.call },
    warnings: warnings.texts,
  };
}

/**
 * How far the fold goes: a session report is folded as `Ended`, then what webhooks know better.
 */
function partOf(name: string, event: Fields, warnings: Warnings): Partial<CallReport> {
  const room = fieldsOf(event.room);
  if (name === 'room_started') {
    const startTime = instantOf(room.creationTimeMs) ?? instantOf(room.creationTime);
    return { call: { status: 'Starting', startTime: startTime ?? instantOf(event.createdAt) } };
  }
  if (name === 'room_finished') {
    const endTime = instantOf(event.createdAt);
    return { stage: 'Completed', call: { hasEnded: true, endTime } };
  }
  if (name.startsWith('participant_')) return translateParticipant(name, event, warnings);
  if (name.startsWith('egress_')) return translateEgress(event, warnings);
  if (name.startsWith('agent_job_')) return { logs: jobLogsOf(event) };
  return {};
}

function roomOf(room: Fields, job: Fields): ReportedCall {
  const metadata = filledOf({
    RoomName: textOf(room.name),
    JobId: textOf(job.id),
    AgentName: textOf(job.agentName),
  });
  const queueId = queueIdIn(room.metadata) ?? queueIdIn(job.metadata) ?? queueIdIn(job.attributes);
  return {
    ...(metadata && { metadata: { LiveKit: metadata } }),
    ...(queueId && { queueId }),
  };
}

function jobLogsOf({ job, createdAt }: Fields): ReportedLog[] {
  const { id, state } = fieldsOf(job);
  const { status, error } = fieldsOf(state);
  const message = textOf(error);
  if (message === null && status !== 'JS_FAILED') return [];
  const details = filledOf({ JobId: textOf(id), Status: textOf(status) });
  return [
    {
      level: 'Error',
      message: message ?? 'The job of the agent failed.',
      at: instantOf(createdAt),
      source: 'livekit',
      ...(details && { details }),
    },
  ];
}
