import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Actor, AuditEvent } from '../audit/entry.ts';
import { audit } from '../audit/pending-store.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Caller, Scope } from '../authorization/scope.ts';
import {
  type Business,
  type BusinessChange,
  getBusiness,
  insertBusiness,
  updateBusiness,
} from '../store.ts';
import { type Quotas, quotasJson } from './quotas.ts';
import { findRedaction, type Redaction, setRedaction } from './redaction-store.ts';

type BusinessContext = Pick<Context, 'clock' | 'secrets'>;

export interface NewBusiness {
  /** null: the next free number. */
  readonly businessId: number | null;
  readonly name: string;
  readonly ownerUserId: string | null;
  readonly timeZone?: string | null;
}

/** Faults: CONFLICT if the number is taken; INVALID_REQUEST if the owner is not a user. */
export function createBusiness(
  authorizer: Pick<Authorizer, 'change'>,
  ctx: BusinessContext,
  caller: Caller,
  input: NewBusiness,
): Promise<Business> {
  const now = ctx.clock.now();
  return authorizer.change(async (tx) => {
    for (;;) {
      const business = await insertBusiness(tx, { timeZone: null, ...input, createdAt: now });
      if (business) {
        const { businessId } = business;
        const id = String(businessId);
        const event = { action: 'BusinessCreated', kind: 'Business', id } as const;
        await audit(tx, ctx, { ...caller, businessId, now }, event);
        return business;
      }
      if (input.businessId === null) continue;
      throw new Fault(
        'CONFLICT',
        `Business ${input.businessId} already exists; choose another BusinessId, or leave it out.`,
      );
    }
  });
}

export function changeBusiness(
  authorizer: Authorizer,
  ctx: BusinessContext,
  actor: Actor,
  change: BusinessChange,
): Promise<Business> {
  const { businessId } = actor;
  return authorizer.change(async (tx) => {
    const before = await getBusiness(tx, businessId);
    const business = await updateBusiness(tx, businessId, change);
    if (!before || !business) throw new Fault('NOT_FOUND', `There is no business ${businessId}.`);
    const changed = SETTINGS.filter(([, key]) => before[key] !== business[key]);
    const rules = [before, business].map(({ retention }) => JSON.stringify(retention.rules));
    const subject = { kind: 'Business', id: String(businessId) } as const;
    const events: AuditEvent[] = [];
    if (changed.length > 0) {
      const details = { Changed: changed.map(([name]) => name) };
      events.push({ ...subject, action: 'BusinessChanged', details });
    }
    if (rules[0] !== rules[1]) events.push({ ...subject, action: 'RetentionChanged' });
    if (JSON.stringify(before.quotas) !== JSON.stringify(business.quotas)) {
      const details = changedQuotas(before.quotas, business.quotas);
      events.push({ ...subject, action: 'QuotasChanged', details });
    }
    await audit(tx, ctx, { ...actor, now: ctx.clock.now() }, ...events);
    return business;
  });
}

/** Those that changed. */
function changedQuotas(before: Quotas, after: Quotas) {
  const earlier: Readonly<Record<string, number | null>> = quotasJson(before);
  const changed = Object.entries(quotasJson(after)).filter(
    ([name, limit]) => limit !== earlier[name],
  );
  return Object.fromEntries(changed.map(([name, limit]) => [name, limit ?? 'Unlimited']));
}

const SETTINGS = [
  ['Name', 'name'],
  ['IsDisabled', 'isDisabled'],
  ['IsEditingEnabled', 'isEditingEnabled'],
  ['TimeZone', 'timeZone'],
] as const;

/** A change of access, because scopes contain the redaction. */
export async function changeRedaction(
  authorizer: Authorizer,
  ctx: BusinessContext,
  scope: Scope,
  redaction: Redaction,
): Promise<void> {
  const { categories, country } = redaction;
  await authorizer.change(async (tx) => {
    if (JSON.stringify(await findRedaction(tx, scope)) === JSON.stringify(redaction)) return;
    await setRedaction(tx, scope, redaction);
    const details = {
      Categories: categories,
      ...(country !== null && { DefaultCountry: country }),
    };
    const subject = { kind: 'Business', id: String(scope.businessId), details } as const;
    const event = { action: 'RedactionChanged', ...subject } as const;
    await audit(tx, ctx, { ...scope, now: ctx.clock.now() }, event);
  });
}
