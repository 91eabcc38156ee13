import { type TextBytes, textOf } from '../../kernel/threads/text-bytes.ts';
import { contentLengths } from './content-lengths.ts';

export default function lengthsInThread({
  messages,
}: {
  readonly messages: TextBytes;
}): Int32Array {
  return contentLengths(textOf(messages));
}
