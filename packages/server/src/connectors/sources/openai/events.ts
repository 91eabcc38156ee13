import { type Fields, fieldsOf, listOf, numberOf, textOf } from '../fields.ts';
import { contentOf, type Item, mergeItem, partOf } from './items.ts';
import {
  CLIENT_EVENTS,
  ERROR_FIELDS,
  EVENT_FIELDS,
  OTHER_SERVER_EVENTS,
  RESPONSE_FIELDS,
} from './known-events.ts';
import type { LogEvent } from './log.ts';
import type { Apply, EventTable, SessionLog } from './session-log.ts';
import { TRANSCRIPTION_EVENTS } from './transcription-events.ts';

export function applyEvent(log: SessionLog, event: LogEvent): void {
  log.warnings.unknownFields('', event.fields, EVENT_FIELDS);
  const apply = EVENTS.get(event.type);
  if (apply) apply(log, event);
  else if (!OTHER_SERVER_EVENTS.has(event.type) && !CLIENT_EVENTS.has(event.type)) {
    log.warnings.unknownValue('type', event.type);
  }
}

const SESSION_EVENTS: EventTable = {
  'session.created': (log, event) => log.startSession(event),
  'session.updated': (log, { fields }) => log.updateSession(fieldsOf(fields.session)),
  'session.closed': (log, { fields, at }) => {
    log.end ??= { at, reason: textOf(fields.reason) };
  },
  'session.input_transcript.delta': (log, event) => log.spoken.push(log.delta(event)),
  'session.output_transcript.delta': (log, event) => log.translated.push(log.delta(event)),
  'conversation.created': (log, { fields }) => {
    log.conversationId ??= textOf(fieldsOf(fields.conversation).id);
  },
  'realtime.call.incoming': (log, { fields }) => {
    log.incoming = fieldsOf(fields.data);
    log.isPhone = true;
  },
  error: (log, { fields, at }) => {
    const error = fieldsOf(fields.error);
    log.warnings.unknownFields('error.', error, ERROR_FIELDS);
    const { type: Type, code: Code, param: Param, event_id: EventId } = error;
    const message = textOf(error.message) ?? 'An error without a message.';
    log.log('Error', message, at, { Type, Code, Param, EventId });
    if (Code === 'session_expired') log.end ??= { at, reason: Code };
  },
};

const ITEM_EVENTS: EventTable = {
  'conversation.item.added': (log, event) => void showItem(log, event),
  'conversation.item.done': (log, event) => {
    showItem(log, event).doneAt ??= event.at;
  },
  'conversation.item.retrieved': (log, event) => {
    const fields = fieldsOf(event.fields.item);
    const item = log.item(fields.id, null);
    if (item.heardMs === null) return void showItem(log, event);
    // The server keeps only what was heard.
    const Text = contentOf(fields).find((text) => text !== null);
    log.log('Info', 'What the user heard of the interrupted message.', event.at, {
      ItemId: item.id,
      Text,
    });
  },
  'conversation.item.truncated': (log, { fields, at }) => {
    const item = log.item(fields.item_id, null);
    const heardMs = numberOf(fields.audio_end_ms) ?? 0;
    item.heardMs = Math.min(item.heardMs ?? heardMs, heardMs);
    const details = { ItemId: item.id, HeardMs: heardMs };
    log.log('Info', 'The user interrupted the agent and heard only a part.', at, details);
  },
  'conversation.item.deleted': (log, { fields, at }) => {
    const id = textOf(fields.item_id);
    if (id !== null) log.order.delete(id);
    log.log('Info', 'An item was deleted from the context of the model.', at, { ItemId: id });
  },
};

function showItem(log: SessionLog, { fields, at }: LogEvent): Item {
  const shown = fieldsOf(fields.item);
  const item = log.item(shown.id ?? fields.event_id, at);
  item.isAdded = true;
  if ('previous_item_id' in fields) log.order.place(item.id, textOf(fields.previous_item_id));
  mergeItem(item, shown, log.warnings);
  if (!item.hasImage && listOf(shown.content).some(({ type }) => type === 'input_image')) {
    item.hasImage = true;
    log.log('Info', 'The user sent an image.', at, { ItemId: item.id });
  }
  return item;
}

/** What a response adds to an item, with the time of its first delta. */
function outputItem(log: SessionLog, { fields, at }: LogEvent, isDelta = false) {
  const item = log.item(fields.item_id ?? fields.response_id ?? fields.event_id, at);
  item.isAdded = true;
  item.responseId ??= textOf(fields.response_id);
  if (isDelta) item.deltaAt ??= at;
  return item;
}

const addText: Apply = (log, event) => {
  const item = outputItem(log, event, true);
  partOf(item, event.fields.content_index).partial += textOf(event.fields.delta) ?? '';
};

const endText: Apply = (log, event) => {
  const { content_index, transcript, text } = event.fields;
  const part = partOf(outputItem(log, event), content_index);
  part.final = textOf(transcript) ?? textOf(text) ?? '';
};

const addArguments: Apply = (log, event) => {
  const item = outputItem(log, event, true);
  item.arguments.partial += textOf(event.fields.delta) ?? '';
};

const endArguments: Apply = (log, event) => {
  const item = outputItem(log, event);
  const { arguments: text, call_id, name } = event.fields;
  item.arguments.final = textOf(text);
  item.doneAt ??= event.at;
  const type = event.type.includes('mcp') ? 'mcp_call' : 'function_call';
  const named = Object.entries({ call_id, name, type }).filter(([, value]) => textOf(value));
  item.fields = { ...Object.fromEntries(named), ...item.fields };
};

function showOutputItem(log: SessionLog, event: LogEvent): Item {
  const item = showItem(log, event);
  item.responseId ??= textOf(event.fields.response_id);
  return item;
}

const OUTPUT_EVENTS: EventTable = {
  'response.output_item.added': (log, event) => void showOutputItem(log, event),
  'response.output_item.done': (log, event) => {
    showOutputItem(log, event).doneAt ??= event.at;
  },
  'response.content_part.done': (log, event) => {
    const item = outputItem(log, event);
    const { text, transcript } = fieldsOf(event.fields.part);
    const shown = textOf(transcript) ?? textOf(text);
    if (shown !== null) partOf(item, event.fields.content_index).shown = shown;
  },
  'response.output_audio.delta': (log, event) => void outputItem(log, event, true),
  'response.output_audio_transcript.delta': addText,
  'response.output_audio_transcript.done': endText,
  'response.output_text.delta': addText,
  'response.output_text.done': endText,
  'response.function_call_arguments.delta': addArguments,
  'response.function_call_arguments.done': endArguments,
  'response.mcp_call_arguments.delta': addArguments,
  'response.mcp_call_arguments.done': endArguments,
  'response.mcp_call.failed': (log, event) => {
    outputItem(log, event).hasFailed = true;
  },
  'mcp_list_tools.failed': (log, { fields, at }) =>
    log.log('Warning', 'The tools of an MCP server could not be listed.', at, {
      ItemId: fields.item_id,
    }),
};

function showResponse(log: SessionLog, { fields, at }: LogEvent): Fields {
  const shown = fieldsOf(fields.response);
  log.warnings.unknownFields('response.', shown, RESPONSE_FIELDS);
  const response = log.response(shown.id);
  if (shown.conversation_id === null) response.isOutside = true;
  for (const item of listOf(shown.output)) {
    showOutputItem(log, { type: '', fields: { item, response_id: shown.id }, at });
  }
  return shown;
}

const RESPONSE_EVENTS: EventTable = {
  'response.created': (log, event) => void showResponse(log, event),
  'response.done': (log, event) => {
    const shown = showResponse(log, event);
    const { id: ResponseId, status, usage } = shown;
    log.response(ResponseId).isCanceled = status === 'cancelled';
    addUsage(log, fieldsOf(usage));
    const { reason: Reason, error } = fieldsOf(shown.status_details);
    const { type: Type, code: Code, message: Message } = fieldsOf(error);
    const details = { ResponseId, Reason, Type, Code, Message };
    if (shown.conversation_id === null) {
      const Text = listOf(shown.output)
        .flatMap(contentOf)
        .find((text) => text !== null);
      log.log('Info', 'The model answered outside of the conversation.', event.at, {
        ResponseId,
        Text,
      });
    }
    if (status === 'failed') log.log('Error', 'A response of the model failed.', event.at, details);
    if (status === 'incomplete') {
      log.log('Warning', 'A response of the model is incomplete.', event.at, details);
    }
  },
  'output_audio_buffer.cleared': (log, { fields }) => {
    log.response(fields.response_id).isCut = true;
  },
};

function addUsage(log: SessionLog, usage: Fields): void {
  for (const [key, name] of [
    ['input_tokens', 'InputTokens'],
    ['output_tokens', 'OutputTokens'],
  ] as const) {
    const tokens = numberOf(usage[key]);
    if (tokens !== null) log.usage.set(name, (log.usage.get(name) ?? 0) + tokens);
  }
}

/** A map, because types of events are what others send. */
const EVENTS: ReadonlyMap<string, Apply> = new Map(
  Object.entries({
    ...SESSION_EVENTS,
    ...ITEM_EVENTS,
    ...TRANSCRIPTION_EVENTS,
    ...OUTPUT_EVENTS,
    ...RESPONSE_EVENTS,
  }),
);

export const HANDLED_EVENTS: readonly string[] = [...EVENTS.keys()];
