import { jsonOf, textOf, Warnings } from '../fields.ts';
import type { CallReport, Identify, Translate } from '../source.ts';
import { translateCall, translateDetection } from './call.ts';
import { formOf, isJson } from './form.ts';
import { translateRecording } from './recording.ts';
import { callOfTranscript, translateTranscript } from './transcript.ts';

/** The other leg of a call belongs to the call that dialed it. */
export const identifyTwilio: Identify = (delivery) => {
  const fields = isJson(delivery) ? jsonOf(delivery.body) : formOf(delivery.body);
  const status = textOf(fields.RecordingStatus);
  return {
    callId: textOf(fields.ParentCallSid) ?? textOf(fields.CallSid) ?? callOfTranscript(fields),
    eventType:
      (status && `recording-${status}`) ??
      textOf(fields.CallStatus) ??
      textOf(fields.event_type) ??
      (Array.isArray(fields.sentences) ? 'sentences' : ''),
    eventId: null,
  };
};

export const translateTwilio: Translate = (delivery) => {
  const warnings = new Warnings();
  const fields = isJson(delivery) ? jsonOf(delivery.body) : formOf(delivery.body);
  if ('sentences' in fields || 'transcript_sid' in fields) {
    return translateTranscript(fields, warnings);
  }
  if ('RecordingStatus' in fields) return translateRecording(fields, warnings);
  if ('CallStatus' in fields) return translateCall(fields, warnings);
  if ('AnsweredBy' in fields) return translateDetection(fields, warnings);
  warnings.add('Unknown callback without CallStatus and RecordingStatus.');
  return { ...EMPTY, warnings: warnings.texts };
};

const EMPTY: CallReport = {
  stage: 'Announced',
  order: 0,
  call: {},
  clients: [],
  agents: [],
  messages: [],
  logs: [],
  audio: [],
  completeness: {},
  warnings: [],
};
