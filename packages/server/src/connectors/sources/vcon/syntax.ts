import { type Fields, fieldsOf, textOf } from '../fields.ts';

type Names = Readonly<Record<string, string>>;

/** By the names of syntax 0.0.1, 0.0.2 and 0.3.0: those of 0.4.0. */
const VCON_NAMES: Names = { appended: 'amended', must_support: 'critical' };
const FILE_NAMES: Names = { mimetype: 'mediatype', schema_version: 'schema' };
const ENTRY_NAMES: Readonly<Record<string, Names>> = {
  parties: {},
  dialog: {
    ...FILE_NAMES,
    'transfer-target': 'transfer_target',
    'target-dialog': 'target_dialog',
  },
  analysis: FILE_NAMES,
  attachments: { ...FILE_NAMES, type: 'purpose' },
};
export const VERSIONS: ReadonlySet<string> = new Set(['0.0.1', '0.0.2', '0.3.0', '0.4.0']);

/**
 * With the names of 0.4.0, which count if both are given. Entries of lists keep their places, because
 * other entries refer to them by number.
 */
export function toCurrentSyntax(vcon: Fields): Fields {
  const lists = Object.entries(ENTRY_NAMES).map(([list, names]) => {
    const entries: readonly unknown[] = Array.isArray(vcon[list]) ? vcon[list] : [];
    return [list, entries.map((entry) => withHash(rename(fieldsOf(entry), names)))];
  });
  return { ...rename(vcon, VCON_NAMES), ...Object.fromEntries(lists) };
}

function rename(fields: Fields, names: Names): Fields {
  const renamed = Object.entries(fields).flatMap(([name, value]) => {
    const current = Object.hasOwn(names, name) ? names[name] : undefined;
    if (current === undefined) return [[name, value]];
    return current in fields ? [] : [[current, value]];
  });
  return Object.fromEntries(renamed);
}

/** 0.0.1 has the algorithm and the hash of a file apart, such as `SHA-512` and its base64url. */
function withHash({ alg, signature, ...fields }: Fields): Fields {
  const [algorithm, digest] = [textOf(alg), textOf(signature)];
  if (algorithm === null || digest === null || 'content_hash' in fields) return fields;
  const name = algorithm.toLowerCase().replaceAll('-', '');
  return { ...fields, content_hash: `${name}-${digest}` };
}
