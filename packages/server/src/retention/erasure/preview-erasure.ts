import { setImmediate } from 'node:timers/promises';
import { type Scope, systemScope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { countConversations, readBatch } from '../../conversations/erasure/mention-store.ts';
import { findPlaces } from '../../conversations/erasure/mentions.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import { restAfter } from '../../kernel/jobs/rest.ts';
import { findRecordings } from '../../recordings/storage/store.ts';
import { findAll } from './erase-person.ts';
import type { ErasureContext } from './erasure-context.ts';
import type { Counts } from './erasure-store.ts';
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
export const MAX_MENTIONS = 1_000;

/** Adds the job of a preview and returns its id. CONFLICT while another preview of the business runs. */
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
  throw new Fault(
    'CONFLICT',
    'Another preview of this business is running; wait until it completes.',
  );
}

/** NOT_FOUND, also after expiry. */
export async function getPreview(
  ctx: Pick<Context, 'db'>,
  scope: Scope,
  id: string,
): Promise<ErasurePreview> {
  const preview = await findPreview(ctx.db, scope, id);
  if (!preview) {
    throw new Fault('NOT_FOUND', 'There is no such preview in this business, or it has expired.');
  }
  return preview;
}

/** Counts what an erasure would erase, then searches the remaining texts. Resumes after an interruption. */
export async function previewErasure(
  ctx: ErasureContext,
  { businessId, previewId }: NamedPreview,
): Promise<void> {
  const scope = systemScope(businessId);
  const found = await findPreview(ctx.db, scope, previewId);
  if (!found || found.completedAt !== null) return;
  const person = JSON.parse(ctx.secrets.decipher(found.subject)) as Person;
  const { counts, own } = await countFound(ctx, scope, person);
  let preview: ErasurePreview = {
    ...found,
    counts,
    total: await countConversations(ctx.db, scope),
  };
  const { phoneNumber } = person;
  for (let isOver = phoneNumber === null; phoneNumber !== null && !isOver; ) {
    const startedAt = performance.now();
    const { last, conversations } = await readBatch(ctx.db, scope, preview.position);
    const mentions: Mention[] = [...preview.mentions];
    for (const { id, stored } of conversations) {
      if (own.has(id) || mentions.length === MAX_MENTIONS) continue;
      const places = await findPlaces(ctx, id, stored, phoneNumber);
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
async function countFound(
  ctx: ErasureContext,
  scope: Scope,
  person: Person,
): Promise<{ counts: Counts; own: ReadonlySet<string> }> {
  return findAll(ctx, scope, person, async (tx, { conversations, calls }) => {
    let recordings = 0;
    for (const { id } of conversations) recordings += (await findRecordings(tx, scope, id)).length;
    const counts = {
      conversations: conversations.length,
      recordings,
      calls: calls.outbound.length + calls.inbound.length,
    };
    return { counts, own: new Set(conversations.map(({ id }) => id)) };
  });
}
