import { type Fields, fieldsOf, listOf, numberOf, textOf, type Warnings } from '../fields.ts';
import type { Moment } from '../source.ts';
import { ITEM_FIELDS, PART_FIELDS } from './known-events.ts';

/** A part of the content of a message. */
export interface Part {
  /** By the event that says that the text is complete. */
  final: string | null;
  /** In the item itself. */
  shown: string | null;
  partial: string;
  /** Exp of the mean log probability of its tokens. */
  confidence: number | null;
}

export interface Segment {
  readonly text: string;
  readonly speaker: string;
  /** Seconds since the start of the item's audio. */
  readonly start: number | null;
  readonly end: number | null;
}

export interface Item {
  readonly id: string;
  /** Of the item object, all of its events merged. */
  fields: Fields;
  responseId: string | null;
  readonly parts: Map<number, Part>;
  readonly segments: Map<string, Segment>;
  arguments: Part;
  seenAt: number | null;
  /** The first delta of text, audio or arguments. */
  deltaAt: number | null;
  doneAt: number | null;
  speechStart: Moment;
  speechEnd: Moment;
  /** Speech that was not committed is no message. */
  isAdded: boolean;
  isAudio: boolean;
  hasImage: boolean;
  isTranscribed: boolean;
  hasFailed: boolean;
  /** Milliseconds of audio after which the person interrupted the agent. */
  heardMs: number | null;
}

export const newPart = (): Part => ({ final: null, shown: null, partial: '', confidence: null });

export const newItem = (id: string): Item => ({
  id,
  fields: {},
  responseId: null,
  parts: new Map(),
  segments: new Map(),
  arguments: newPart(),
  seenAt: null,
  deltaAt: null,
  doneAt: null,
  speechStart: null,
  speechEnd: null,
  isAdded: false,
  isAudio: false,
  hasImage: false,
  isTranscribed: false,
  hasFailed: false,
  heardMs: null,
});

export function partOf(item: Item, index: unknown): Part {
  const key = numberOf(index) ?? 0;
  const part = item.parts.get(key) ?? newPart();
  item.parts.set(key, part);
  return part;
}

export const textOfPart = ({ final, shown, partial }: Part): string => final || shown || partial;

export const textOfItem = ({ parts }: Item): string =>
  [...parts]
    .sort(([a], [b]) => a - b)
    .map(([, part]) => textOfPart(part).trim())
    .filter((text) => text !== '')
    .join('\n');

const AUDIO = new Set(['input_audio', 'output_audio', 'audio']);

export function contentOf(fields: Fields): (string | null)[] {
  return listOf(fields.content).map((part) => textOf(part.transcript) ?? textOf(part.text));
}

/** What an event shows of the item: a value replaces an earlier one. */
export function mergeItem(item: Item, fields: Fields, warnings: Warnings): void {
  warnings.unknownFields('item.', fields, ITEM_FIELDS);
  for (const part of listOf(fields.content)) {
    warnings.unknownFields('item.content.', part, PART_FIELDS);
    if (AUDIO.has(textOf(part.type) ?? '')) item.isAudio = true;
  }
  for (const [index, text] of contentOf(fields).entries()) {
    if (text !== null) partOf(item, index).shown = text;
  }
  const filled = Object.entries(fields).filter(([, value]) => textOf(value) !== null);
  item.fields = {
    ...item.fields,
    ...Object.fromEntries(filled),
    ...(fields.error ? { error: fieldsOf(fields.error) } : {}),
  };
}
