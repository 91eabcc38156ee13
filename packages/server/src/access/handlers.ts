import type { Context } from '../context.ts';
import { adminKeyHandlers, businessKeyHandlers } from './api-keys/handlers.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import {
  adminBusinessHandlers,
  businessHandlers,
  redactionHandlers,
} from './businesses/handlers.ts';
import { invitationHandlers, memberHandlers } from './members/handlers.ts';
import { userHandlers } from './users/handlers.ts';

export function accessHandlers(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'> & { publicUrl(): string },
  authorizer: Authorizer,
) {
  return {
    ...userHandlers(ctx, authorizer),
    ...adminBusinessHandlers(ctx, authorizer),
    ...businessHandlers(ctx, authorizer),
    ...redactionHandlers(ctx, authorizer),
    ...memberHandlers(ctx, authorizer),
    ...invitationHandlers(ctx),
    ...adminKeyHandlers(ctx, authorizer),
    ...businessKeyHandlers(ctx, authorizer),
  };
}
