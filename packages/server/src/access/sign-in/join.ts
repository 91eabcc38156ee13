import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import type { Db, Tx } from '../../kernel/postgres/database.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import {
  type FoundInvitation,
  findInvitation,
  type Invitation,
  takeInvitation,
} from '../members/invitation-store.ts';
import { joinBusiness } from '../members/invitations.ts';
import { findUserByEmail, insertUser } from '../store.ts';
import { ADMIN_EMAIL, isReservedEmail, requireOrdinaryEmail } from '../users/reserved-email.ts';
import {
  canAdminSignIn,
  endSessionsOf,
  findPerson,
  findPersonByEmail,
  type Person,
  putPassword,
  setUserProfile,
} from './account-store.ts';
import type { SignInContext } from './library.ts';
import { findLink, type SignInLink, useLink } from './link-store.ts';
import { endLockOut, wrongPassword } from './lock-out.ts';
import { hashPassword } from './passwords.ts';
import { checkPassword, type PersonWithPassword, requireEnabled } from './sign-in.ts';
import { hashToken } from './token.ts';

export async function describeLink(ctx: SignInContext, token: string) {
  const { db, clock } = ctx;
  const found = await findByToken(ctx, hashToken(token));
  const { expiresAt } = found.of;
  if (await hasEnded(db, found, clock.now())) throw linkGone();
  if (found.kind === 'Invitation') {
    const { email, role, businessName } = found.of;
    // The inviter knows the link too and must not learn who is a user.
    const hasPassword = null;
    return { kind: found.kind, email, name: null, businessName, role, hasPassword, expiresAt };
  }
  const person = await findPerson(db, found.of.userId);
  if (!person) throw linkGone();
  const { email, name } = choosesEmail(person) ? { email: null, name: null } : person;
  const hasPassword = person.passwordHash !== null;
  const none = { businessName: null, role: null };
  return { kind: found.kind, email, name, ...none, hasPassword, expiresAt };
}

export interface Acceptance {
  readonly token: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly password: string;
}

export type VerifiedUser = Pick<PersonWithPassword, 'userId' | 'passwordHash'>;

/** Completely or not at all, and only once. */
export async function acceptLink(
  ctx: SignInContext,
  authorizer: Authorizer,
  acceptance: Acceptance,
): Promise<VerifiedUser> {
  const found = await findByToken(ctx, hashToken(acceptance.token));
  if (await hasEnded(ctx.db, found, ctx.clock.now())) throw linkGone();
  return found.kind === 'SignInLink'
    ? setPasswordByLink(ctx, authorizer, found.of, acceptance)
    : acceptInvitation(ctx, authorizer, found.of, acceptance);
}

type FoundLink =
  | { readonly kind: 'SignInLink'; readonly of: SignInLink }
  | { readonly kind: 'Invitation'; readonly of: FoundInvitation };

async function findByToken({ db }: SignInContext, tokenHash: string): Promise<FoundLink> {
  const invitation = await findInvitation(db, tokenHash);
  if (invitation) return { kind: 'Invitation', of: invitation };
  const link = await findLink(db, tokenHash);
  if (link) return { kind: 'SignInLink', of: link };
  throw new Fault('NOT_FOUND', 'There is no such invitation; ask for another one.');
}

async function hasEnded(db: Db, found: FoundLink, now: number): Promise<boolean> {
  if (found.kind === 'Invitation') {
    const { acceptedAt, expiresAt, isInviterOwner, email } = found.of;
    return acceptedAt !== null || expiresAt <= now || !isInviterOwner || isReservedEmail(email);
  }
  const { usedAt, expiresAt } = found.of;
  if (usedAt !== null) return true;
  // The first admin's link is valid until an admin can sign in.
  return expiresAt === null ? canAdminSignIn(db) : expiresAt <= now;
}

const linkGone = () => new Fault('GONE', 'This link was used or has expired; ask for another one.');

/** The first admin was created without an address. */
const choosesEmail = ({ email }: Pick<Person, 'email'>) => email === ADMIN_EMAIL;

async function setPasswordByLink(
  ctx: SignInContext,
  authorizer: Authorizer,
  { userId, expiresAt }: SignInLink,
  { token, email, name, password }: Acceptance,
): Promise<VerifiedUser> {
  const person = await findPerson(ctx.db, userId);
  if (!person) throw linkGone();
  requireEnabled(person);
  const chosen = choosesEmail(person) ? email : null;
  if (choosesEmail(person) && chosen === null) {
    throw new Fault('INVALID_REQUEST', 'Email is missing; give the address to sign in with.');
  }
  if (chosen === null && email !== null && email.toLowerCase() !== person.email.toLowerCase()) {
    throw new Fault('INVALID_REQUEST', 'Email must be the address of the link or be left out.');
  }
  if (chosen !== null) requireOrdinaryEmail(chosen);
  const passwordHash = await hashPassword('Password', password);
  const now = ctx.clock.now();
  await authorizer.change(async (tx) => {
    if (expiresAt === null && (await canAdminSignIn(tx))) throw linkGone();
    if (!(await useLink(tx, hashToken(token), now))) throw linkGone();
    if (chosen !== null) await requireFree(tx, chosen, userId);
    await setUserProfile(tx, userId, name, chosen);
    await putPassword(tx, userId, passwordHash, now);
    await endSessionsOf(tx, userId, null);
  });
  await endLockOut(ctx, chosen ?? person.email);
  return { userId, passwordHash };
}

async function requireFree(tx: Tx, email: string, userId: string): Promise<void> {
  const other = await findUserByEmail(tx, email);
  if (!other || other.userId === userId) return;
  throw new Fault(
    'CONFLICT',
    `A user with the Email ${email} already exists; choose another address.`,
  );
}

async function acceptInvitation(
  ctx: SignInContext,
  authorizer: Authorizer,
  { email: invited }: Invitation,
  { token, email, name, password }: Acceptance,
): Promise<VerifiedUser> {
  if (email !== null && email.toLowerCase() !== invited.toLowerCase()) {
    throw new Fault(
      'INVALID_REQUEST',
      'Email must be the address of the invitation or be left out.',
    );
  }
  const existing = await findPersonByEmail(ctx.db, invited);
  // The inviter has the link too, so it does not prove that its holder is the existing user.
  const passwordHash = existing
    ? (await checkPassword(ctx, invited, password)).passwordHash
    : await hashPassword('Password', password);
  const now = ctx.clock.now();
  return authorizer.change(async (tx) => {
    const invitation = await takeInvitation(tx, hashToken(token), now);
    if (!invitation) throw linkGone();
    let userId = existing?.userId;
    if (userId === undefined) {
      const user = await insertUser(tx, {
        userId: newId('user', now),
        email: invited,
        isAdmin: false,
        createdAt: now,
        isEmailProven: false,
        name: name ?? nameOf(invited),
      });
      // Another request created a user with this address.
      if (!user) throw wrongPassword();
      userId = user.userId;
      await putPassword(tx, userId, passwordHash, now);
    }
    await joinBusiness(tx, ctx, invitation, userId);
    return { userId, passwordHash };
  });
}

export const nameOf = (email: string) => email.split('@')[0] ?? email;
