import { moved } from '../../kernel/threads/moved.ts';
import { bytesOf, type TextBytes, textOf } from '../../kernel/threads/text-bytes.ts';
import { spanTextsOf } from '../../redaction/spans.ts';
import { conversationOf } from '../from-wire.ts';
import type { TranscriptBytes } from '../model/document.ts';
import { findAllSpans } from './find-spans.ts';

interface Search extends TranscriptBytes {
  readonly head: TextBytes;
  readonly country: string | null;
}

export default function searchInThread({ head, messages, logs, country }: Search) {
  const document = { head: textOf(head), messages: textOf(messages), logs: textOf(logs) };
  const texts = spanTextsOf(findAllSpans(conversationOf(document), country));
  const found = [texts.head, texts.messages, texts.logs].map(bytesOf);
  return moved(found, found);
}
