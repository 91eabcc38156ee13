import { type TextBytes, textOf } from '../../kernel/threads/text-bytes.ts';
import type { MentionPlace } from './replace-number.ts';
import {
  type ReplacedLive,
  type ReplacedSealed,
  type ReplaceInput,
  replaceInStored,
} from './replace-stored.ts';

export interface ReplaceInThread {
  readonly id: string;
  readonly kind: ReplaceInput['kind'];
  /** Head, messages and logs, or the events of a live conversation. */
  readonly texts: readonly TextBytes[];
  readonly e164: string;
  readonly isSearch: boolean;
}

export interface ReplacedInThread {
  readonly places: readonly MentionPlace[];
  /** null: not found, or only a search. */
  readonly replaced: ReplacedSealed | ReplacedLive | null;
}

export default function replaceInThread(input: ReplaceInThread): ReplacedInThread {
  const { id, kind, texts, e164, isSearch } = input;
  const [first = '', messages = '', logs = ''] = texts.map(textOf);
  const stored: ReplaceInput =
    kind === 'sealed' ? { kind, head: first, messages, logs } : { kind, events: first };
  const replaced = replaceInStored(id, stored, e164);
  return { places: replaced?.places ?? [], replaced: isSearch ? null : replaced };
}
