import { type Fields, fieldsOf, isEmpty, textOf, type Warnings } from '../fields.ts';
import { DIALOG_FIELDS } from './known-fields.ts';
import { indicesOf, isIndex, metaOf, millisecondsOf, vconInstantOf } from './values.ts';

const TYPES = ['recording', 'recording-set', 'text', 'transfer', 'incomplete'] as const;
export type DialogType = (typeof TYPES)[number];

export interface Dialog {
  readonly fields: Fields;
  /** Null for a placeholder and for an unknown type. */
  readonly type: DialogType | null;
  readonly start: number | null;
  readonly end: number | null;
  /** Indices of the parties, the originator not always first. */
  readonly parties: readonly number[];
  readonly originator: number | null;
}

/** By their places, which other entries refer to. */
export function readDialogs(vcon: Fields, warnings: Warnings): readonly Dialog[] {
  const entries: readonly unknown[] = Array.isArray(vcon.dialog) ? vcon.dialog : [];
  return entries.map((entry) => readDialog(fieldsOf(entry), warnings));
}

function readDialog(fields: Fields, warnings: Warnings): Dialog {
  warnings.unknownFields('dialog.', fields, DIALOG_FIELDS);
  const type = TYPES.find((known) => known === fields.type) ?? null;
  if (type === null && !isEmpty(fields)) warnings.unknownValue('dialog.type', fields.type);
  const start = vconInstantOf(fields.start, warnings);
  const duration = millisecondsOf(fields.duration);
  const parties = indicesOf(fields.parties);
  return {
    fields,
    type,
    start,
    end: start === null ? null : start + (duration ?? 0),
    parties,
    originator: isIndex(fields.originator) ? fields.originator : (parties[0] ?? null),
  };
}

export const inOrder = (dialogs: readonly Dialog[]): readonly Dialog[] =>
  [...dialogs].sort((a, b) => (a.start ?? 0) - (b.start ?? 0));

const DIRECTIONS: Readonly<Record<string, 'Inbound' | 'Outbound'>> = {
  in: 'Inbound',
  inbound: 'Inbound',
  out: 'Outbound',
  outbound: 'Outbound',
};

/** Software keeps it beside the fields of the standard, which has none. */
export function directionOf(dialogs: readonly Dialog[]): 'Inbound' | 'Outbound' | null {
  const words = dialogs.map(({ fields }) => textOf(metaOf(fields).direction)?.toLowerCase() ?? '');
  const known = words.find((word) => Object.hasOwn(DIRECTIONS, word));
  return known === undefined ? null : (DIRECTIONS[known] ?? null);
}

/** A transfer whose target calls all failed did not happen. */
export const isTransferred = (transfer: Dialog, dialogs: readonly Dialog[]): boolean => {
  const targets = indicesOf(transfer.fields.target_dialog).map((index) => dialogs[index]?.type);
  return targets.length === 0 || targets.some((type) => type !== 'incomplete');
};

/** In the spelling of the standard: `NO ANSWER` is in the field too. */
export const dispositionOf = ({ fields }: Dialog): string | null =>
  textOf(fields.disposition)
    ?.trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-') ?? null;
