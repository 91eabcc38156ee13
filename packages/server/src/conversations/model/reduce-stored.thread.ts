import { moved } from '../../kernel/threads/moved.ts';
import { bytesOf, type TextBytes, textOf } from '../../kernel/threads/text-bytes.ts';
import { reduceText } from './reduce-stored.ts';

export interface ReduceInput {
  readonly id: string;
  readonly events: TextBytes;
}

export default function reduceInThread({ id, events }: ReduceInput) {
  const { document, messageCount, logCount, latestAt } = reduceText(id, textOf(events));
  const { head } = document;
  const messages = bytesOf(document.messages);
  const logs = bytesOf(document.logs);
  return moved({ head, messages, logs, messageCount, logCount, latestAt }, [messages, logs]);
}
