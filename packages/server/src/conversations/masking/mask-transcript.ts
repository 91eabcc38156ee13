import type { TextRange } from '../../redaction/detection/found.ts';
import { type Masking, maskedOf, maskRanges } from '../../redaction/mask.ts';
import {
  byItem,
  cutTexts,
  rangesOfText,
  type Span,
  type Spans,
  type TextSpans,
} from '../../redaction/spans.ts';
import { placeWords } from '../erasure/word-places.ts';
import type { Log, Message, Word } from '../model/conversation.ts';
import { CONTENT, mapLog, mapMessage } from '../model/texts.ts';

export type TranscriptMasking = Pick<Masking, 'categories' | 'tokenOf'>;

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

type Found = readonly TextSpans[];

export function maskLogs(logs: readonly Log[], found: Found, masking: TranscriptMasking): Log[] {
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
  // Spans added by users take precedence over detected ones.
  const ranges = maskedOf([...added, ...rangesOfText(found, CONTENT)], masking);
  const { words: _, ...rest } = mapMessage(message, cutTexts(found, masking));
  const masked = words && maskWords(content, words, ranges);
  return {
    ...rest,
    senderId: masking.tokenOf(message.senderId),
    content: maskRanges(content, ranges),
    ...(masked && { words: masked }),
  };
}

/** Omits the words if one of them is not found in the content. */
function maskWords(content: string, words: readonly Word[], ranges: readonly TextRange[]) {
  let next = 0;
  return placeWords(content, words)?.map(({ word, start, end }) => {
    while ((ranges[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next += 1;
    const range = ranges[next];
    return range && range.start < end ? { ...word, word: `[${range.category}]` } : word;
  });
}
