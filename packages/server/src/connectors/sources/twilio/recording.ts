import { type Fields, filledOf, numberOf, textOf, type Warnings } from '../fields.ts';
import type { CallReport, ReportedAudio, ReportedLog } from '../source.ts';
import { rfc2822Of } from './form.ts';
import { RECORDING_FIELDS } from './known-fields.ts';

const STATUSES = new Set([
  'in-progress',
  'paused',
  'stopped',
  'processing',
  'completed',
  'absent',
  'failed',
  'deleted',
]);
const NO_FILE = new Set(['absent', 'failed']);

export function translateRecording(fields: Fields, warnings: Warnings): CallReport {
  warnings.unknownFields('', fields, RECORDING_FIELDS);
  const status = textOf(fields.RecordingStatus) ?? '';
  if (!STATUSES.has(status)) warnings.unknownValue('RecordingStatus', fields.RecordingStatus);
  const audio = status === 'completed' ? audioOf(fields) : [];
  return {
    stage: 'Completed',
    order: rfc2822Of(fields.RecordingStartTime) ?? 0,
    call: {},
    clients: [],
    agents: [],
    messages: [],
    logs: [logOf(fields, status)],
    audio,
    completeness:
      audio.length > 0 ? { Audio: 'Complete' } : NO_FILE.has(status) ? { Audio: 'Absent' } : {},
    warnings: warnings.texts,
  };
}

/**
 * Twilio defines the channels only of a recording of `<Dial>`: the call, then the call that it
 * dialed. Other recordings of two channels are mixed down.
 */
export function audioOf(fields: Fields): ReportedAudio[] {
  const url = textOf(fields.RecordingUrl);
  if (url === null) return [];
  const startTime = rfc2822Of(fields.RecordingStartTime);
  const of = speakersOf(fields);
  const file = /\.(?:wav|mp3)$/i.test(url) ? url : `${url}.wav`;
  const channels =
    numberOf(fields.RecordingChannels) === 2
      ? `?RequestedChannels=${typeof of === 'object' ? 2 : 1}`
      : '';
  return [{ url: file + channels, of, ...(startTime !== null && { startTime }) }];
}

function speakersOf(fields: Fields): ReportedAudio['of'] {
  if (fields.RecordingTrack === 'inbound') return 'Client';
  if (fields.RecordingTrack === 'outbound') return 'Agent';
  const isDual = numberOf(fields.RecordingChannels) === 2;
  return isDual && fields.RecordingSource === 'DialVerb'
    ? { channels: ['Client', 'Agent'] }
    : 'Mixed';
}

function logOf(fields: Fields, status: string): ReportedLog {
  const errorCode = textOf(fields.ErrorCode);
  const details = filledOf({
    RecordingSid: textOf(fields.RecordingSid),
    RecordingDuration: numberOf(fields.RecordingDuration),
    RecordingChannels: numberOf(fields.RecordingChannels),
    RecordingSource: textOf(fields.RecordingSource),
    RecordingTrack: textOf(fields.RecordingTrack),
    ErrorCode: errorCode,
  });
  return {
    level: errorCode !== null && errorCode !== '0' ? 'Error' : 'Info',
    message: `Recording ${status}`,
    at: rfc2822Of(fields.RecordingStartTime),
    source: 'twilio',
    ...(details && { details }),
  };
}
