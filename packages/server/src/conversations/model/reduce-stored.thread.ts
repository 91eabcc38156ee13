import { moved } from '../../kernel/threads/moved.ts';
import { bytesOf, type TextBytes, textOf } from '../../kernel/threads/text-bytes.ts';
import { reduceText } from './reduce-stored.ts';

export interface ReduceInput {
  readonly id: string;
  readonly events: TextBytes;
}

export default function reduceInThread({ id, events }: ReduceInput) {
  const { document, header: _, ...counts } = reduceText(id, textOf(events));
  const messages = bytesOf(document.messages);
  const logs = bytesOf(document.logs);
  return moved({ head: document.head, messages, logs, ...counts }, [messages, logs]);
}
