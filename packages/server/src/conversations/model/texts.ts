import { type MapText, mapJson } from '../../redaction/text/map-json.ts';
import { placeWords } from '../erasure/word-places.ts';
import type { Analysis, Cost, Header, Log, Message, Word } from './conversation.ts';

// Stored spans identify a text by its position in the order of these functions: to change the order,
// increment DETECTOR. The content stays first, because spans added by users refer to it.
export const CONTENT = 0;
export const UNPLACED_WORDS = 1;

/** Maps every text except words with a place in the content, which are masked by it. */
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

function unplacedWords(content: string, words: readonly Word[] | undefined): string {
  if (!words || placeWords(content, words)) return '';
  return words.map(({ word }) => word).join(' ');
}

export const mapLog = (log: Log, map: MapText): Log => ({
  ...log,
  message: map(log.message),
  ...(log.source !== undefined && { source: map(log.source) }),
  ...(log.details && { details: mapJson(log.details, map) as NonNullable<Log['details']> }),
});

/** Does not map names, numbers or ids of participants. */
export function mapHeader(header: Header, map: MapText): Header {
  const mapPerson = <P extends { readonly leaveReason: string | null }>(person: P): P => ({
    ...person,
    leaveReason: person.leaveReason && map(person.leaveReason),
  });
  const { clients, agents, metadata, endReason, source, analysis, cost, ...rest } = header;
  return {
    ...rest,
    clients: clients.map(mapPerson),
    agents: agents.map(mapPerson),
    metadata: mapJson(metadata, map) as Header['metadata'],
    ...(endReason !== undefined && { endReason: map(endReason) }),
    ...(source && { source: mapJson(source, map) as NonNullable<Header['source']> }),
    ...(analysis && { analysis: mapAnalysis(analysis, map) }),
    ...(cost && mapCost(cost, map)),
  };
}

function mapAnalysis({ summary, success, structured }: Analysis, map: MapText): Analysis {
  return {
    ...(summary !== undefined && { summary: map(summary) }),
    ...(success !== undefined && { success: map(success) }),
    ...(structured && { structured: mapJson(structured, map) as Record<string, unknown> }),
  };
}

/** Omits it if its masked sum is not a number, and parts whose masked value is not. */
function mapCost(cost: Cost, map: MapText): { readonly cost?: Cost } {
  const amount = mapJson(cost.amount, map);
  const currency = map(cost.currency);
  const parts = Object.entries((mapJson(cost.parts ?? {}, map) as Cost['parts']) ?? {});
  const kept = Object.fromEntries(parts.filter(([, value]) => typeof value === 'number'));
  if (typeof amount !== 'number') return {};
  return { cost: { amount, currency, ...(cost.parts && { parts: kept }) } };
}

/** Omits metrics whose masked name does not end in Ms or whose masked value is not a number. */
function mapMetrics(metrics: NonNullable<Message['metrics']>, map: MapText) {
  const mapped = mapJson(metrics, map) as Record<string, unknown>;
  const kept = Object.entries(mapped).filter(
    (entry): entry is [string, number] => entry[0].endsWith('Ms') && typeof entry[1] === 'number',
  );
  return Object.fromEntries(kept);
}
