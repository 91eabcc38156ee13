import { Fault } from '../../kernel/fault.ts';
import { firstAdmin, getUser } from '../store.ts';
import { canAdminSignIn } from './account-store.ts';
import type { SignInContext } from './library.ts';
import { insertLink, trimLinks } from './link-store.ts';
import { linkOf, makeToken } from './token.ts';

const VALID_MILLISECONDS = 24 * 3_600_000;
/** Each start of each server creates a link until one is used. */
const MAX_LINKS_PER_USER = 20;

export async function createSignInLink(ctx: SignInContext, userId: string) {
  const now = ctx.clock.now();
  if (!(await getUser(ctx.db, userId))) {
    throw new Fault('NOT_FOUND', `There is no user ${userId}.`);
  }
  const expiresAt = now + VALID_MILLISECONDS;
  return { url: await createLink(ctx, userId, expiresAt), expiresAt };
}

/** null if an admin can already sign in. The link is valid until it is used. */
export async function createFirstLink(ctx: SignInContext): Promise<string | null> {
  if (await canAdminSignIn(ctx.db)) return null;
  const admin = await firstAdmin(ctx.db, null);
  return admin ? createLink(ctx, admin.userId, null) : null;
}

async function createLink(ctx: SignInContext, userId: string, expiresAt: number | null) {
  const { token, tokenHash } = makeToken();
  await insertLink(ctx.db, tokenHash, { userId, expiresAt }, ctx.clock.now());
  await trimLinks(ctx.db, userId, MAX_LINKS_PER_USER);
  return linkOf(ctx.publicUrl(), token);
}
