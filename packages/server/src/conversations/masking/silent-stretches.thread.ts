import { type TextBytes, textOf } from '../../kernel/threads/text-bytes.ts';
import type { SilentStretch } from '../../recordings/derived/silenced-store.ts';
import { parseSpans, type StoredSpans } from '../../redaction/spans.ts';
import { conversationOf } from '../from-wire.ts';
import type { RecordingPlace } from '../model/recording-start.ts';
import { silentStretches } from './silent-stretches.ts';

export interface StretchesInput {
  readonly head: string;
  readonly messages: TextBytes;
  /** What was found in the messages is bytes, the rest is small. */
  readonly found: TextBytes;
  readonly added: string;
  readonly categories: readonly string[];
  readonly recording: RecordingPlace;
}

/** The stretches of a recording that are to be silent, in a large conversation. */
export default function stretchesInThread(input: StretchesInput): SilentStretch[] | null {
  const { head, added, categories, recording } = input;
  const stored: StoredSpans = {
    found: { head: '[]', messages: textOf(input.found), logs: '[]' },
    added,
  };
  const { found, added: addedSpans } = parseSpans(stored);
  if (!found) throw new Error('spans that were given are there');
  const conversation = conversationOf({ head, messages: textOf(input.messages), logs: '[]' });
  const spans = { found, added: addedSpans };
  return silentStretches(conversation, spans, new Set(categories), recording);
}
