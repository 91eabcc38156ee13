import { type Masking, maskedOf, maskStretches } from '../../redaction/mask.ts';
import {
  byItem,
  cutTexts,
  type Span,
  type Spans,
  stretchesOfText,
  type TextSpans,
} from '../../redaction/spans.ts';
import { placeWords } from '../erasure/word-places.ts';
import type { Log, Message, Word } from '../model/conversation.ts';
import { CONTENT, mapLog, mapMessage } from '../model/texts.ts';

/** What masking a transcript takes; a header needs more. */
export type TranscriptMasking = Pick<Masking, 'categories' | 'tokenOf'>;

/** Messages as those see them who may not see the original. */
export function maskMessages(
  messages: readonly Message[],
  found: readonly TextSpans[],
  added: Spans['added'],
  masking: TranscriptMasking,
): Message[] {
  const [foundIn, addedTo] = [byItem(found), Map.groupBy(added, ({ message }) => message)];
  return messages.map((message, at) =>
    maskMessage(message, foundIn.get(at) ?? [], addedTo.get(at) ?? [], masking),
  );
}

export function maskLogs(
  logs: readonly Log[],
  found: readonly TextSpans[],
  masking: TranscriptMasking,
): Log[] {
  const foundIn = byItem(found);
  return logs.map((log, at) => mapLog(log, cutTexts(foundIn.get(at) ?? [], masking)));
}

function maskMessage(
  message: Message,
  found: readonly TextSpans[],
  added: readonly Span[],
  masking: TranscriptMasking,
): Message {
  const { content, words } = message;
  // A mark of a user comes first: it says more than a pattern.
  const stretches = maskedOf([...added, ...stretchesOfText(found, CONTENT)], masking);
  const { words: _, ...rest } = mapMessage(message, cutTexts(found, masking));
  const masked = words && maskWords(content, words, stretches);
  return {
    ...rest,
    senderId: masking.tokenOf(message.senderId),
    content: maskStretches(content, stretches),
    ...(masked && { words: masked }),
  };
}

/** Words are left out if one of them is not found in the content. */
function maskWords(
  content: string,
  words: readonly Word[],
  stretches: readonly { start: number; end: number; category: string }[],
): Message['words'] {
  let next = 0;
  return placeWords(content, words)?.map(({ word, start, end }) => {
    while ((stretches[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next += 1;
    const stretch = stretches[next];
    return stretch && stretch.start < end ? { ...word, word: `[${stretch.category}]` } : word;
  });
}
