import { type MapText, mapJson } from '../../redaction/text/map-json.ts';
import { placeWords } from '../erasure/word-places.ts';
import type { Header, Log, Message, Word } from './conversation.ts';

// Spans name a text by its place in the order of these functions: a change of the order takes another
// DETECTOR, since spans that are stored would mean other texts.

/** The content of a message comes first, since spans that were added mean it. */
export const CONTENT = 0;
export const UNPLACED_WORDS = 1;

/**
 * Every text of a message: its content, what its words say that the content leaves out, its tool call
 * and its metrics. Words themselves are masked by the content.
 */
export function mapMessage(message: Message, map: MapText): Message {
  const { content, words, toolCall, metrics, ...rest } = message;
  const newContent = map(content);
  map(unplacedWords(content, words));
  return {
    ...rest,
    content: newContent,
    ...(words && { words }),
    ...(toolCall && {
      toolCall: {
        ...toolCall,
        callId: map(toolCall.callId),
        name: map(toolCall.name),
        arguments: mapJson(toolCall.arguments, map),
        ...('result' in toolCall && { result: mapJson(toolCall.result, map) }),
      },
    }),
    ...(metrics && { metrics: mapMetrics(metrics, map) }),
  };
}

/** Empty if each word has its place in the content. */
export function unplacedWords(content: string, words: readonly Word[] | undefined): string {
  if (!words || placeWords(content, words)) return '';
  return words.map(({ word }) => word).join(' ');
}

export const mapLog = (log: Log, map: MapText): Log => ({
  ...log,
  message: map(log.message),
  ...(log.source !== undefined && { source: map(log.source) }),
  ...(log.details && { details: mapJson(log.details, map) as NonNullable<Log['details']> }),
});

/** The texts of a header that are free; names, numbers and ids of participants are not among them. */
export function mapHeader(header: Header, map: MapText): Header {
  const mapPerson = <P extends { readonly leaveReason: string | null }>(person: P): P => ({
    ...person,
    leaveReason: person.leaveReason && map(person.leaveReason),
  });
  const { clients, agents, metadata, endReason, source, ...rest } = header;
  return {
    ...rest,
    clients: clients.map(mapPerson),
    agents: agents.map(mapPerson),
    metadata: mapJson(metadata, map) as Header['metadata'],
    ...(endReason !== undefined && { endReason: map(endReason) }),
    ...(source && { source: mapJson(source, map) as NonNullable<Header['source']> }),
  };
}

/** A metric is a number whose name ends in Ms: one that would not be any more is left out. */
function mapMetrics(metrics: NonNullable<Message['metrics']>, map: MapText) {
  const mapped = mapJson(metrics, map) as Record<string, unknown>;
  const kept = Object.entries(mapped).filter(
    (entry): entry is [string, number] => entry[0].endsWith('Ms') && typeof entry[1] === 'number',
  );
  return Object.fromEntries(kept);
}
