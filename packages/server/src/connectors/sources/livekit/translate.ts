import { type Fields, fieldsOf, jsonOf, textOf, Warnings } from '../fields.ts';
import type { Identify, Translate } from '../source.ts';
import { translateReport } from './report.ts';
import { translateWebhook } from './webhook.ts';

/** A room with the same name is another call: only its `sid` tells them apart. */
export const identifyLivekit: Identify = ({ body }) => {
  const fields = jsonOf(body);
  if (!isWebhook(fields)) {
    return { callId: textOf(fields.room_id), eventType: 'session_report', eventId: null };
  }
  return {
    callId:
      textOf(fieldsOf(fields.room).sid) ??
      textOf(fieldsOf(fields.egressInfo).roomId) ??
      textOf(fieldsOf(fieldsOf(fields.job).room).sid) ??
      textOf(fieldsOf(fieldsOf(fields.ingressInfo).state).roomId),
    eventType: textOf(fields.event) ?? '',
    eventId: textOf(fields.id),
  };
};

/** A webhook, or the session report that an agent posts. */
export const translateLivekit: Translate = ({ body }) => {
  const fields = jsonOf(body);
  const warnings = new Warnings();
  return isWebhook(fields) ? translateWebhook(fields, warnings) : translateReport(fields, warnings);
};

const isWebhook = (fields: Fields) => 'event' in fields;
