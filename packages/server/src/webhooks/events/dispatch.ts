import type { LoggedChange } from '../../changes/change.ts';
import { numberBusiness } from '../../changes/log.ts';
import { findChanges } from '../../changes/log-store.ts';
import type { Context } from '../../context.ts';
import { Breather } from '../../kernel/fair-share/breather.ts';
import { newId } from '../../kernel/ids.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import { findUploading } from '../../recordings/storage/unclaimed-store.ts';
import { idHash } from '../../tombstones/tombstone-store.ts';
import { addDeliveries } from '../delivery-store.ts';
import type { Happening, NewDelivery, Webhook } from '../webhook.ts';
import {
  awaitUpload,
  findUnreadRecordings,
  forgetAwaited,
  listAwaited,
  listWebhooks,
  lockPosition,
} from '../webhook-store.ts';
import { happeningsOf, subjectHashOf } from './happenings.ts';
import { type Policy, readPolicy } from './policy.ts';
import { lockSubjects, type RenderContext, renderHappening, type Subjects } from './render.ts';

export type DispatchContext = RenderContext & Pick<Context, 'clock'>;

export const MAX_WEBHOOKS = 50;
const CHANGES_PER_STEP = 200;
const AWAITED_PER_STEP = 200;
/** After this time an upload counts as broken off, as for the sweep of blobs. */
const UPLOAD_MILLISECONDS = 86_400_000;
/** The content of a delivery is rendered when it is sent, so it is not stored. */
const NEVER_STORED: Happening['type'] = 'conversation.erased';

export interface Dispatched {
  readonly webhooks: readonly Webhook[];
  /** The webhooks that got deliveries. */
  readonly receivers: ReadonlySet<string>;
  readonly hasMore: boolean;
}

interface Placed extends Happening {
  readonly position: number;
}

/** Adds deliveries for the next changes of a business, and moves the position. One process at a time. */
export async function dispatchChanges(
  ctx: DispatchContext,
  businessId: number,
  { looksAtUploads }: { readonly looksAtUploads: boolean },
): Promise<Dispatched> {
  await numberBusiness(ctx.db, businessId);
  return ctx.db.transaction(async (tx) => {
    const position = await lockPosition(tx, { businessId });
    const webhooks = await listWebhooks(tx, { businessId }, '', MAX_WEBHOOKS);
    const enabled = webhooks.filter(({ isEnabled }) => isEnabled);
    const idle = { webhooks, receivers: new Set<string>(), hasMore: false };
    if (position === null || enabled.length === 0) return idle;
    const policy = await readPolicy(tx, businessId, enabled);
    if (policy.isDisabled) return idle;
    const from = Math.max(position, Math.min(...enabled.map(({ startsAfter }) => startsAfter)));
    const changes = await findChanges(tx, { businessId }, from, CHANGES_PER_STEP);
    const reached = changes.at(-1)?.position ?? from;
    const looks = looksAtUploads || changes.some(({ kind }) => kind === 'RecordingReady');
    const happenings = await findHappenings(tx, ctx, {
      businessId,
      enabled,
      changes,
      looks,
      reached,
    });
    const subjects = await lockSubjects(tx, businessId, happenings);
    const chosen = { businessId, enabled, policy, happenings, subjects };
    const deliveries = await deliveriesOf(ctx, chosen);
    if (deliveries.length > 0 || reached > position) {
      await addDeliveries(tx, { businessId }, { reached, now: ctx.clock.now() }, deliveries);
    }
    const receivers = new Set(deliveries.map(({ webhookId }) => webhookId));
    return { webhooks, receivers, hasMore: changes.length === CHANGES_PER_STEP };
  });
}

interface Found {
  readonly businessId: number;
  readonly enabled: readonly Webhook[];
  readonly changes: readonly LoggedChange[];
  readonly looks: boolean;
  /** The position of the last change. */
  readonly reached: number;
}

/** A sealed conversation is completed when no upload of a recording is under way. */
async function findHappenings(
  tx: Tx,
  ctx: DispatchContext,
  { businessId, enabled, changes, looks, reached }: Found,
): Promise<Placed[]> {
  const wanted = new Set<string>(enabled.flatMap(({ events }) => events));
  const all = changes.flatMap((change) =>
    happeningsOf(change).map((happening) => ({ ...happening, position: change.position })),
  );
  const happenings = all.filter(({ type }) => wanted.has(type));
  const sealed = happenings.filter(({ type }) => type === 'conversation.completed');
  const awaited = looks ? await listAwaited(tx, { businessId }, AWAITED_PER_STEP) : [];
  if (sealed.length + awaited.length === 0) return happenings;
  const hashOf = (id: string) => idHash(ctx.secrets, businessId, 'conversation', id);
  const ids = [
    ...sealed.flatMap(({ subjectId }) => subjectId ?? []),
    ...awaited.map(({ id }) => id),
  ];
  const now = ctx.clock.now();
  const hashes = ids.map(hashOf);
  const uploading = await findUploading(tx, { businessId }, hashes, now - UPLOAD_MILLISECONDS);
  // An upload may have ended since the changes were read.
  const unread = await findUnreadRecordings(tx, { businessId }, ids, reached);
  const isUploading = (id: string | null) =>
    id !== null && (uploading.has(hashOf(id)) || unread.has(id));
  const ready = awaited.filter(({ id }) => !isUploading(id));
  await forgetAwaited(
    tx,
    { businessId },
    ready.map(({ id }) => id),
  );
  const rest: Placed[] = [];
  for (const happening of happenings) {
    const { type, subjectId, at } = happening;
    const waits = type === 'conversation.completed' && isUploading(subjectId);
    if (waits && subjectId !== null) await awaitUpload(tx, { businessId }, subjectId, at);
    else rest.push(happening);
  }
  const type = 'conversation.completed' as const;
  const completed = ready.map(({ id }) => ({ type, subjectId: id, details: null, at: now }));
  const position = Number.MAX_SAFE_INTEGER;
  return [...rest, ...completed.map((happening) => ({ ...happening, position }))];
}

interface Chosen {
  readonly businessId: number;
  readonly enabled: readonly Webhook[];
  readonly policy: Policy;
  readonly happenings: readonly Placed[];
  readonly subjects: Subjects;
}

async function deliveriesOf(
  ctx: DispatchContext,
  { businessId, enabled, policy, happenings, subjects }: Chosen,
): Promise<NewDelivery[]> {
  const deliveries: NewDelivery[] = [];
  const breather = new Breather();
  for (const { position, ...happening } of happenings) {
    const messageId = newId('msg', ctx.clock.now());
    const subjectHash = subjectHashOf(ctx.secrets, businessId, happening, messageId);
    const bodies = new Map<string, string | null>();
    for (const webhook of enabled) {
      if (!webhook.events.some((type) => type === happening.type)) continue;
      if (webhook.startsAfter >= position) continue;
      const view = policy.viewOf(webhook);
      const body = bodies.get(view.masking) ?? renderHappening(ctx, view, happening, subjects);
      bodies.set(view.masking, body);
      // Erased meanwhile.
      if (body === null) continue;
      const isStored = happening.type !== NEVER_STORED;
      deliveries.push({
        ...happening,
        id: newId('delivery', ctx.clock.now()),
        webhookId: webhook.id,
        messageId,
        subjectHash,
        masking: view.masking,
        body: isStored ? body : null,
      });
    }
    // Masking heads with large metadata takes a long time.
    if (breather.isDue()) await breather.breathe();
  }
  return deliveries;
}
