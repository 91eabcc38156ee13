import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { type Page, type PageRequest, readPage } from '../../kernel/page.ts';
import type { Filter } from './list-plan.ts';
import { findPage, type PageRow } from './list-store.ts';

export function listConversations(
  ctx: Pick<Context, 'db' | 'secrets'>,
  scope: Scope,
  request: PageRequest<Filter>,
): Promise<Page<PageRow>> {
  return readPage(
    ctx.secrets,
    {
      audience: `conversations ${scope.businessId}`,
      keyOf: ({ startTime, id }: PageRow) => ({ startTime, id }),
      find: (filter, position) => findPage(ctx.db, scope, filter, position),
    },
    request,
  );
}
