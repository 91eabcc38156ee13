import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import { findRedaction } from '../../access/businesses/redaction-store.ts';
import type { Context } from '../../context.ts';
import type { ComputedBackfill } from '../../kernel/jobs/backfill.ts';
import { addBackfillJob, reopenBackfill } from '../../kernel/jobs/backfill-store.ts';
import type { Db, Tx } from '../../kernel/postgres/database.ts';
import { DETECTOR, detectorOf } from '../../redaction/detection/detect.ts';
import type { SpanTexts } from '../../redaction/spans.ts';
import { putFound } from '../../redaction/store.ts';
import { charactersOf, isSameText, type StoredDocument } from '../model/document.ts';
import { findConversation, findToChange } from '../store.ts';
import { countUnsearched, findUnsearched, noteSearched } from '../write/sealed-store.ts';
import { searchDocument } from './search-document.ts';

const NAME = `search-conversations-${DETECTOR}`;
const MAX_BATCH_ROWS = 100;
/** A batch, which is in memory as a whole, ends with the document that exceeds this. */
const MAX_BATCH_CHARACTERS = 4 * 1024 * 1024;

export function searchBackfill({ threads }: Pick<Context, 'threads'>): ComputedBackfill {
  return {
    name: NAME,
    firstKey: [''],
    maxBatchRows: MAX_BATCH_ROWS,
    async countRows(db, businessId) {
      const scope = systemScope(businessId);
      const { country } = await findRedaction(db, scope);
      return countUnsearched(db, scope, detectorOf(country));
    },
    async prepareBatch(db, businessId, _after, limit) {
      const scope = systemScope(businessId);
      const { categories, country } = await findRedaction(db, scope);
      const isMasked = categories.length > 0;
      const ids = isMasked ? await findUnsearched(db, scope, detectorOf(country), limit) : [];
      const searched: Searched[] = [];
      let characters = 0;
      for (const id of ids) {
        if (characters > MAX_BATCH_CHARACTERS) break;
        const result = await search({ db, threads }, scope, id, country);
        characters += result.document ? charactersOf(result.document) : 0;
        searched.push(result);
      }
      const last = searched.at(-1);
      return {
        last: last ? [last.id] : null,
        rows: searched.length,
        async write(tx) {
          for (const result of searched) await save(tx, scope, result);
        },
      };
    },
  };
}

/** For conversations that were sealed since the backfill, or before redaction was enabled. */
export async function reopenSearch(db: Db, scope: Scope): Promise<void> {
  const { country } = await findRedaction(db, scope);
  if ((await findUnsearched(db, scope, detectorOf(country), 1)).length === 0) return;
  await reopenBackfill(db, scope.businessId, NAME);
  await addBackfillJob(db);
}

export async function searchConversation(
  { db, threads }: Pick<Context, 'db' | 'threads'>,
  scope: Scope,
  id: string,
): Promise<void> {
  const { country } = await findRedaction(db, scope);
  const searched = await search({ db, threads }, scope, id, country);
  await db.transaction((tx) => save(tx, scope, searched));
}

interface Searched {
  readonly id: string;
  readonly document: StoredDocument | null;
  readonly found: SpanTexts | null;
  readonly detector: number;
}

/** Takes no lock, so the conversation may change during the search. */
async function search(
  { db, threads }: { readonly db: Db } & Pick<Context, 'threads'>,
  scope: Scope,
  id: string,
  country: string | null,
): Promise<Searched> {
  const detector = detectorOf(country);
  const stored = await findConversation(db, scope, id);
  if (stored?.kind !== 'sealed') return { id, document: null, found: null, detector };
  const found = await searchDocument({ threads }, stored, country);
  return { id, document: stored, found, detector };
}

async function save(tx: Tx, scope: Scope, { id, document, found, detector }: Searched) {
  const stored = await findToChange(tx, scope, id);
  if (stored?.kind === 'sealed') {
    if (!document || !found || !isSameText(document, stored)) return;
    await putFound(tx, scope, id, { detector, texts: found, added: 'keep' });
  }
  await noteSearched(tx, scope, id, detector);
}
