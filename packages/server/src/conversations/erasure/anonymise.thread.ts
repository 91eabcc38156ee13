import { moved } from '../../kernel/threads/moved.ts';
import { bytesOf, textOf } from '../../kernel/threads/text-bytes.ts';
import type { TranscriptBytes } from '../model/document.ts';
import { splitTranscript } from '../model/transcript.ts';
import { type AnonymousNames, anonymise } from './anonymise.ts';

export interface AnonymiseInput extends TranscriptBytes {
  readonly names: AnonymousNames;
  readonly hasEnded: boolean;
}

export default function anonymiseInThread(input: AnonymiseInput) {
  const document = { messages: textOf(input.messages), logs: textOf(input.logs) };
  const { texts, facts } = splitTranscript(anonymise(document, input.names, input.hasEnded));
  const bytes = texts.map(bytesOf);
  return moved({ texts: bytes, facts }, bytes);
}
