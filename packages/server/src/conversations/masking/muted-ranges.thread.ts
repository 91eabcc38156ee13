import { type TextBytes, textOf } from '../../kernel/threads/text-bytes.ts';
import type { MutedRange } from '../../recordings/derived/muted-store.ts';
import { parseSpans, type StoredSpans } from '../../redaction/spans.ts';
import { conversationOf } from '../from-wire.ts';
import type { RecordingPlace } from '../model/recording-start.ts';
import { findMutedRanges } from './muted-ranges.ts';

export interface MutedRangesInput {
  readonly head: string;
  readonly messages: TextBytes;
  /** Spans found in messages, as bytes; the other inputs are small. */
  readonly found: TextBytes;
  readonly added: string;
  readonly categories: readonly string[];
  readonly recording: RecordingPlace;
}

export default function mutedRangesInThread(input: MutedRangesInput): MutedRange[] | null {
  const { head, added, categories, recording } = input;
  const stored: StoredSpans = {
    found: { head: '[]', messages: textOf(input.found), logs: '[]' },
    added,
  };
  const { found, added: addedSpans } = parseSpans(stored);
  if (!found) throw new Error('the spans were passed to the thread');
  const conversation = conversationOf({ head, messages: textOf(input.messages), logs: '[]' });
  const spans = { found, added: addedSpans };
  return findMutedRanges(conversation, spans, new Set(categories), recording);
}
