import { type TextBytes, textOf } from '../../kernel/threads/text-bytes.ts';
import type { MutedRange } from '../../recordings/derived/muted-store.ts';
import { conversationOf } from '../from-wire.ts';
import type { RecordingPlace } from '../model/recording-start.ts';
import { findMutedRanges } from './muted-ranges.ts';

export interface MutedRangesInput {
  readonly head: string;
  readonly messages: TextBytes;
  readonly found: TextBytes;
  readonly added: string;
  readonly categories: readonly string[];
  readonly recording: RecordingPlace;
}

export default function mutedRangesInThread(input: MutedRangesInput): MutedRange[] | null {
  const { head, added, categories, recording } = input;
  const conversation = conversationOf({ head, messages: textOf(input.messages), logs: '[]' });
  const found = { head: [], messages: JSON.parse(textOf(input.found)), logs: [] };
  const spans = { found, added: JSON.parse(added) };
  return findMutedRanges(conversation, spans, new Set(categories), recording);
}
