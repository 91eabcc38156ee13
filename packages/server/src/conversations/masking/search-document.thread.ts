import { moved } from '../../kernel/threads/moved.ts';
import { bytesOf, type TextBytes, textOf } from '../../kernel/threads/text-bytes.ts';
import { spanTextsOf } from '../../redaction/spans.ts';
import { conversationOf } from '../from-wire.ts';
import { findAllSpans } from './find-spans.ts';

export interface SearchInput {
  readonly head: TextBytes;
  readonly messages: TextBytes;
  readonly logs: TextBytes;
}

interface Search extends SearchInput {
  readonly country: string | null;
}

export default function searchInThread({ head, messages, logs, country }: Search): SearchInput {
  const document = { head: textOf(head), messages: textOf(messages), logs: textOf(logs) };
  const texts = spanTextsOf(findAllSpans(conversationOf(document), country));
  const output = {
    head: bytesOf(texts.head),
    messages: bytesOf(texts.messages),
    logs: bytesOf(texts.logs),
  };
  return moved(output, [output.head, output.messages, output.logs]);
}
