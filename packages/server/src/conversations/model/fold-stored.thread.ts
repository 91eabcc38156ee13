import { moved } from '../../kernel/threads/moved.ts';
import { bytesOf, type TextBytes, textOf } from '../../kernel/threads/text-bytes.ts';
import { foldText } from './fold-stored.ts';

export interface FoldInput {
  readonly id: string;
  readonly events: TextBytes;
}

/** Folds the stored events of a conversation; the header goes back as its head. */
export default function foldInThread({ id, events }: FoldInput) {
  const { document, messageCount, logCount, latestAt } = foldText(id, textOf(events));
  const { head } = document;
  const messages = bytesOf(document.messages);
  const logs = bytesOf(document.logs);
  return moved({ head, messages, logs, messageCount, logCount, latestAt }, [messages, logs]);
}
