import type { Context } from '../../context.ts';
import { audit } from '../audit/pending-store.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Scope } from '../authorization/scope.ts';
import { findRedaction, type Redaction, setRedaction } from './redaction-store.ts';

/** A change of access, because scopes contain the redaction. */
export async function changeRedaction(
  authorizer: Authorizer,
  ctx: Pick<Context, 'clock' | 'secrets'>,
  scope: Scope,
  redaction: Redaction,
): Promise<void> {
  const { categories, country } = redaction;
  await authorizer.change(async (tx) => {
    if (JSON.stringify(await findRedaction(tx, scope)) === JSON.stringify(redaction)) return;
    await setRedaction(tx, scope, redaction);
    await audit(tx, ctx, scope, ctx.clock.now(), {
      action: 'RedactionChanged',
      kind: 'Business',
      id: String(scope.businessId),
      details: { Categories: categories, ...(country !== null && { DefaultCountry: country }) },
    });
  });
}
