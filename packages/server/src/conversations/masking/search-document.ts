import type { Context } from '../../context.ts';
import { bytesInTurns, textInTurns } from '../../kernel/threads/text-bytes.ts';
import { threadTask } from '../../kernel/threads/threads.ts';
import { type SpanTexts, spanTextsOf } from '../../redaction/spans.ts';
import { conversationOf } from '../from-wire.ts';
import { isLarge, type WritableDocument } from '../model/document.ts';
import { findAllSpansInTurns } from './find-spans.ts';

const SEARCH = threadTask<typeof import('./search-document.thread.ts').default>(
  new URL('./search-document.thread.ts', import.meta.url),
);

/** Do not call it in a transaction. `country` is the region of national phone numbers. */
export async function searchDocument(
  { threads }: Pick<Context, 'threads'>,
  document: WritableDocument,
  country: string | null,
): Promise<SpanTexts> {
  if (!isLarge(document)) {
    return spanTextsOf(await findAllSpansInTurns(conversationOf(document), country));
  }
  const input = {
    head: await bytesInTurns(document.head),
    messages: await bytesInTurns(document.messages, document.bytes?.messages),
    logs: await bytesInTurns(document.logs, document.bytes?.logs),
    country,
  };
  const transfer = [input.head, input.messages, input.logs];
  const found = await Array.fromAsync(await threads.run(SEARCH, input, { transfer }), textInTurns);
  const [head = '', messages = '', logs = ''] = found;
  return { head, messages, logs };
}
