import { setImmediate } from 'node:timers/promises';
import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { countConversations, readBatch } from '../../conversations/erasure/mention-store.ts';
import { findPlaces } from '../../conversations/erasure/mentions.ts';
import { countRecordings } from '../../conversations/erasure/remove.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { restAfter } from '../../kernel/jobs/rest.ts';
import { findAll } from './erase-person.ts';
import type { ErasureContext } from './erasure-context.ts';
import type { Person } from './person.ts';
import {
  type ErasurePreview,
  findPreview,
  insertPreview,
  type Mention,
  type NamedPreview,
  savePreview,
} from './preview-store.ts';

export const PREVIEW_KEPT_MILLISECONDS = 24 * 3_600_000;
const MAX_RUNNING_MILLISECONDS = 3_600_000;
const MAX_MENTIONS = 1_000;

/** Returns the id of the preview. CONFLICT while another one of the business runs. */
export async function requestPreview(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  scope: Scope,
  person: Person,
): Promise<string> {
  const now = ctx.clock.now();
  const id = newId('preview', now);
  const subject = ctx.secrets.encipher(JSON.stringify(person));
  const preview = { id, subject, requestedAt: now };
  const runningSince = now - MAX_RUNNING_MILLISECONDS;
  if (await ctx.db.transaction((tx) => insertPreview(tx, scope, preview, runningSince))) return id;
  const message = 'Another preview of this business is running; wait until it completes.';
  throw new Fault('CONFLICT', message);
}

export async function getPreview(ctx: Pick<Context, 'db'>, scope: Scope, id: string) {
  const preview = await findPreview(ctx.db, scope, id);
  if (preview) return preview;
  throw new Fault('NOT_FOUND', 'There is no such preview in this business, or it has expired.');
}

/** Counts what an erasure would erase, then searches other texts. Resumes after an interruption. */
export async function previewErasure(
  ctx: ErasureContext,
  { businessId, previewId }: NamedPreview,
): Promise<void> {
  const scope = systemScope(businessId);
  const found = await findPreview(ctx.db, scope, previewId);
  if (!found || found.completedAt !== null) return;
  const person = JSON.parse(ctx.secrets.decipher(found.subject)) as Person;
  const { counts, own } = await countFound(ctx, scope, person);
  const total = await countConversations(ctx.db, scope);
  let preview: ErasurePreview = { ...found, counts, total };
  const { phoneNumber } = person;
  for (let isOver = phoneNumber === null; phoneNumber !== null && !isOver; ) {
    const startedAt = performance.now();
    const { last, conversations } = await readBatch(ctx.db, scope, preview.position);
    const mentions: Mention[] = [...preview.mentions];
    for (const { id, stored } of conversations) {
      if (own.has(id) || mentions.length === MAX_MENTIONS) continue;
      const places = await findPlaces(ctx, stored, { id, e164: phoneNumber });
      if (places.length > 0) mentions.push({ id, places });
      await setImmediate();
    }
    const position = last ?? preview.position;
    preview = { ...preview, position, done: preview.done + conversations.length, mentions };
    isOver = last === null || mentions.length === MAX_MENTIONS;
    if (!(await savePreview(ctx.db, scope, previewId, preview))) return;
    if (!isOver) await restAfter(ctx.metrics, performance.now() - startedAt);
  }
  const completedAt = ctx.clock.now();
  await savePreview(ctx.db, scope, previewId, { ...preview, completedAt });
}

/** Takes the locks of an erasure briefly, to find the same data. */
function countFound(ctx: ErasureContext, scope: Scope, person: Person) {
  return findAll(ctx, scope, person, async (tx, { conversations, calls: found }) => {
    const own = conversations.map(({ id }) => id);
    const recordings = await countRecordings(tx, scope, own);
    const calls = found.outbound.length + found.inbound.length;
    return { counts: { conversations: own.length, recordings, calls }, own: new Set(own) };
  });
}
