import type { Scope } from '../access/scope.ts';
import type { Context } from '../base/context.ts';
import { DETECTOR } from '../redaction/detect.ts';
import { putFound } from '../redaction/store.ts';
import type { StoredDocument } from './document.ts';
import { findUnlooked, noteLooked } from './sealed-store.ts';
import { searchDocument } from './search-document.ts';
import { findConversation, findToChange } from './store.ts';

const SEARCHED_AT_ONCE = 100;

/** Searches sealed conversations of a business that were not searched by these patterns. */
export async function searchConversations(
  ctx: Pick<Context, 'db' | 'threads'>,
  scope: Scope,
): Promise<void> {
  for (;;) {
    const ids = await findUnlooked(ctx.db, scope, DETECTOR, SEARCHED_AT_ONCE);
    if (ids.length === 0) return;
    for (const id of ids) await searchConversation(ctx, scope, id);
  }
}

/** Stores what may be masked in a sealed conversation. The search takes no lock. */
export async function searchConversation(
  ctx: Pick<Context, 'db' | 'threads'>,
  scope: Scope,
  id: string,
): Promise<void> {
  const seen = await findConversation(ctx.db, scope, id);
  const document = seen?.kind === 'sealed' ? seen : null;
  const found = document && (await searchDocument(ctx, document));
  await ctx.db.transaction(async (tx) => {
    const stored = await findToChange(tx, scope, id);
    if (stored?.kind === 'sealed') {
      // If it was replaced meanwhile it is searched again.
      if (!document || !found || !isSameText(document, stored)) return;
      await putFound(tx, scope, id, found, 'keep');
    }
    await noteLooked(tx, scope, id, DETECTOR);
  });
}

const isSameText = (a: StoredDocument, b: StoredDocument) =>
  a.head === b.head && a.messages === b.messages && a.logs === b.logs;
