import { fieldsOf, jsonOrText, textOf } from '../fields.ts';

/** In JSON, as an application writes it into metadata or attributes. */
export function queueIdIn(value: unknown): string | null {
  const { QueueId, queueId, queue_id } = fieldsOf(jsonOrText(value));
  return textOf(QueueId) ?? textOf(queueId) ?? textOf(queue_id);
}
