import { fieldsOf, listOf, numberOf, textOf } from '../fields.ts';
import { partOf } from './items.ts';
import type { LogEvent } from './log.ts';
import type { Apply, EventTable, SessionLog } from './session-log.ts';

/** Transcription runs beside the conversation, so its events may come long after the answer. */
const NAME = 'conversation.item.input_audio_transcription';

function heardItem(log: SessionLog, { fields, at }: LogEvent) {
  const item = log.item(fields.item_id ?? fields.event_id, at);
  item.isAdded = true;
  item.isAudio = true;
  item.fields = { type: 'message', role: 'user', ...item.fields };
  return item;
}

const startSpeech: Apply = (log, { fields, at }) => {
  log.item(fields.item_id, at).speechStart ??= log.audioMoment(fields.audio_start_ms, at);
};

const endSpeech: Apply = (log, { fields, at }) => {
  log.item(fields.item_id, at).speechEnd ??= log.audioMoment(fields.audio_end_ms, at);
};

export const TRANSCRIPTION_EVENTS: EventTable = {
  'input_audio_buffer.speech_started': startSpeech,
  'input_audio_buffer.speech_stopped': endSpeech,
  'input_audio_buffer.committed': (log, event) => {
    const item = heardItem(log, event);
    const { previous_item_id } = event.fields;
    if (previous_item_id !== undefined) log.order.place(item.id, textOf(previous_item_id));
  },
  'input_audio_buffer.timeout_triggered': (log, event) => {
    startSpeech(log, event);
    endSpeech(log, event);
    // The audio is silence, which the model answers.
    log.item(event.fields.item_id, event.at).isTranscribed = true;
    log.log('Info', 'The user said nothing for so long that the agent goes on.', event.at, {});
  },
  'input_audio_buffer.dtmf_event_received': (log, { fields, at }) => {
    log.isPhone = true;
    log.log('Info', 'The user pressed a key.', at, { Key: fields.event });
  },
  [`${NAME}.delta`]: (log, event) => {
    const part = partOf(heardItem(log, event), event.fields.content_index);
    part.partial += textOf(event.fields.delta) ?? '';
  },
  [`${NAME}.completed`]: (log, event) => {
    const item = heardItem(log, event);
    item.isTranscribed = true;
    const part = partOf(item, event.fields.content_index);
    part.final = textOf(event.fields.transcript) ?? '';
    part.confidence = confidenceOf(event.fields.logprobs);
  },
  [`${NAME}.failed`]: (log, event) => {
    const item = heardItem(log, event);
    item.hasFailed = true;
    const { code: Code, type: Type, message: Message } = fieldsOf(event.fields.error);
    const details = { ItemId: item.id, Code, Type, Message };
    log.log('Warning', 'The speech of the user could not be transcribed.', event.at, details);
  },
  [`${NAME}.segment`]: (log, event) => {
    const { id, text, speaker, start, end } = event.fields;
    const key = textOf(id) ?? JSON.stringify([start, end, text]);
    heardItem(log, event).segments.set(key, {
      text: textOf(text) ?? '',
      speaker: textOf(speaker) ?? 'unknown',
      start: numberOf(start),
      end: numberOf(end),
    });
  },
};

function confidenceOf(logprobs: unknown): number | null {
  const values = listOf(logprobs).flatMap(({ logprob }) => numberOf(logprob) ?? []);
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.round(Math.exp(Math.min(mean, 0)) * 1000) / 1000;
}
