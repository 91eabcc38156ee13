import type { Context } from '../../context.ts';
import { bytesInTurns } from '../../kernel/threads/text-bytes.ts';
import { threadTask } from '../../kernel/threads/threads.ts';
import { transcriptOfDocument } from '../from-wire.ts';
import { isLarge, type StoredDocument } from './document.ts';

const LENGTHS = threadTask<typeof import('./content-lengths.thread.ts').default>(
  new URL('./content-lengths.thread.ts', import.meta.url),
);

export async function findContentLengths(
  { threads }: Pick<Context, 'threads'>,
  document: StoredDocument,
): Promise<Int32Array> {
  if (!isLarge(document)) return contentLengths(document.messages);
  const messages = await bytesInTurns(document.messages);
  return threads.run(LENGTHS, { messages }, { transfer: [messages] });
}

export function contentLengths(messages: string): Int32Array {
  const { messages: all } = transcriptOfDocument({ messages, logs: '[]' });
  return Int32Array.from(all, ({ content }) => content.length);
}
