import type { Context } from '../context.ts';
import { keyHandlers } from './api-keys/handlers.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import { adminBusinessHandlers, businessHandlers } from './businesses/handlers.ts';
import { memberHandlers } from './members/handlers.ts';
import { userHandlers } from './users/handlers.ts';

export function accessHandlers(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'> & { publicUrl(): string },
  authorizer: Authorizer,
) {
  return {
    ...userHandlers(ctx, authorizer),
    ...adminBusinessHandlers(ctx, authorizer),
    ...businessHandlers(ctx, authorizer),
    ...memberHandlers(ctx, authorizer),
    ...keyHandlers(ctx, authorizer),
  };
}
