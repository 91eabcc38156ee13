import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import type { Db, Tx } from '../../kernel/postgres/database.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { MemberRole } from '../authorization/roles.ts';
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
import { checkPassword, requireEnabled } from './sign-in.ts';
import { hashToken } from './token.ts';

export interface LinkDetails {
  readonly kind: 'Invitation' | 'SignInLink';
  readonly email: string | null;
  readonly name: string | null;
  readonly businessName: string | null;
  readonly role: MemberRole | null;
  /** null for invitations: the inviter knows the link too and must not learn who is a user. */
  readonly hasPassword: boolean | null;
  readonly expiresAt: number | null;
}

/** Faults: NOT_FOUND, GONE. */
export async function describeLink(ctx: SignInContext, token: string): Promise<LinkDetails> {
  const { db, clock } = ctx;
  const found = await findByToken(ctx, hashToken(token));
  const { expiresAt } = found.of;
  if (await hasEnded(db, found, clock.now())) throw linkGone();
  if (found.kind === 'SignInLink') {
    const person = await findPerson(db, found.of.userId);
    if (!person) throw linkGone();
    return {
      kind: 'SignInLink',
      email: choosesEmail(person) ? null : person.email,
      name: choosesEmail(person) ? null : person.name,
      businessName: null,
      role: null,
      hasPassword: person.passwordHash !== null,
      expiresAt,
    };
  }
  const { email, role, businessName } = found.of;
  return {
    kind: 'Invitation',
    email,
    name: null,
    businessName,
    role,
    hasPassword: null,
    expiresAt,
  };
}

export interface Acceptance {
  readonly token: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly password: string;
}

export interface VerifiedUser {
  readonly userId: string;
  readonly passwordHash: string;
}

/**
 * Accepts an invitation or uses a sign-in link, completely or not at all, and only once. Faults: NOT_FOUND,
 * GONE, CONFLICT, SIGN_IN_FAILED, RATE_LIMITED, USER_DISABLED, INVALID_REQUEST.
 */
export async function acceptLink(
  ctx: SignInContext,
  authorizer: Authorizer,
  acceptance: Acceptance,
): Promise<VerifiedUser> {
  const tokenHash = hashToken(acceptance.token);
  const found = await findByToken(ctx, tokenHash);
  if (await hasEnded(ctx.db, found, ctx.clock.now())) throw linkGone();
  return found.kind === 'SignInLink'
    ? setPasswordByLink(ctx, authorizer, tokenHash, found.of, acceptance)
    : acceptInvitation(ctx, authorizer, tokenHash, found.of, acceptance);
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
  tokenHash: string,
  { userId, expiresAt }: SignInLink,
  { email, name, password }: Acceptance,
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
    if (!(await useLink(tx, tokenHash, now))) throw linkGone();
    if (chosen !== null) await requireFree(tx, chosen, userId);
    await setUserProfile(tx, userId, name, chosen);
    await putPassword(tx, newId('account', now), userId, passwordHash, now);
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
  tokenHash: string,
  { email: invited }: Invitation,
  { email, name, password }: Acceptance,
): Promise<VerifiedUser> {
  if (email !== null && email.toLowerCase() !== invited.toLowerCase()) {
    throw new Fault(
      'INVALID_REQUEST',
      'Email must be the address of the invitation or be left out.',
    );
  }
  const existing = await findPersonByEmail(ctx.db, invited);
  // The inviter has the link too, so the link does not prove that its holder is an existing user. Users
  // without a password are refused with the same error.
  const passwordHash = existing
    ? (await checkPassword(ctx, invited, password)).passwordHash
    : await hashPassword('Password', password);
  const now = ctx.clock.now();
  return authorizer.change(async (tx) => {
    const invitation = await takeInvitation(tx, tokenHash, now);
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
      await putPassword(tx, newId('account', now), userId, passwordHash, now);
    }
    await joinBusiness(tx, ctx, invitation, userId);
    return { userId, passwordHash };
  });
}

export const nameOf = (email: string) => email.split('@')[0] ?? email;
