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

/** What a link is for. */
export interface Looked {
  readonly kind: 'Invitation' | 'SignInLink';
  /** null: whoever uses it chooses one. */
  readonly email: string | null;
  readonly name: string | null;
  readonly businessName: string | null;
  readonly role: MemberRole | null;
  /** null of an invitation: its link is known to the inviter too, who must not learn who is a user. */
  readonly hasPassword: boolean | null;
  readonly expiresAt: number | null;
}

/** Faults: NOT_FOUND, GONE. */
export async function lookAt(ctx: SignInContext, token: string): Promise<Looked> {
  const { db, clock } = ctx;
  const found = await findByToken(ctx, hashToken(token));
  const { expiresAt } = found.of;
  if (await hasEnded(db, found, clock.now())) throw gone();
  if (found.kind === 'SignInLink') {
    const person = await findPerson(db, found.of.userId);
    if (!person) throw gone();
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
  const whose = { email, name: null, hasPassword: null };
  return { kind: 'Invitation', ...whose, businessName, role, expiresAt };
}

export interface Acceptance {
  readonly token: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly password: string;
}

/** Whoever has shown who they are, and the hash of the password by which they have. */
export interface Known {
  readonly userId: string;
  readonly passwordHash: string;
}

/**
 * Takes what a link gives, all of it or nothing, and only once. Faults: NOT_FOUND, GONE, CONFLICT,
 * SIGN_IN_FAILED, RATE_LIMITED, USER_DISABLED, INVALID_REQUEST.
 */
export async function accept(
  ctx: SignInContext,
  authorizer: Authorizer,
  acceptance: Acceptance,
): Promise<Known> {
  const tokenHash = hashToken(acceptance.token);
  const found = await findByToken(ctx, tokenHash);
  if (await hasEnded(ctx.db, found, ctx.clock.now())) throw gone();
  return found.kind === 'SignInLink'
    ? setPasswordBy(ctx, authorizer, tokenHash, found.of, acceptance)
    : acceptInvitation(ctx, authorizer, tokenHash, found.of, acceptance);
}

type Found =
  | { readonly kind: 'SignInLink'; readonly of: SignInLink }
  | { readonly kind: 'Invitation'; readonly of: FoundInvitation };

async function findByToken({ db }: SignInContext, tokenHash: string): Promise<Found> {
  const invitation = await findInvitation(db, tokenHash);
  if (invitation) return { kind: 'Invitation', of: invitation };
  const link = await findLink(db, tokenHash);
  if (link) return { kind: 'SignInLink', of: link };
  throw new Fault('NOT_FOUND', 'There is no such invitation; ask for another one.');
}

async function hasEnded(db: Db, found: Found, now: number): Promise<boolean> {
  if (found.kind === 'Invitation') {
    const { acceptedAt, expiresAt, isInviterOwner, email } = found.of;
    return acceptedAt !== null || expiresAt <= now || !isInviterOwner || isReservedEmail(email);
  }
  const { usedAt, expiresAt } = found.of;
  if (usedAt !== null) return true;
  // That of the first admin is for as long as no admin can sign in otherwise.
  return expiresAt === null ? canAdminSignIn(db) : expiresAt <= now;
}

const gone = () => new Fault('GONE', 'This link was used or has expired; ask for another one.');

/** Only the first admin, who was made without anybody being asked. */
const choosesEmail = ({ email }: Pick<Person, 'email'>) => email === ADMIN_EMAIL;

async function setPasswordBy(
  ctx: SignInContext,
  authorizer: Authorizer,
  tokenHash: string,
  { userId, expiresAt }: SignInLink,
  { email, name, password }: Acceptance,
): Promise<Known> {
  const person = await findPerson(ctx.db, userId);
  if (!person) throw gone();
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
    if (expiresAt === null && (await canAdminSignIn(tx))) throw gone();
    if (!(await useLink(tx, tokenHash, now))) throw gone();
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
  throw new Fault('CONFLICT', `There is a user with the Email ${email} already; choose another.`);
}

async function acceptInvitation(
  ctx: SignInContext,
  authorizer: Authorizer,
  tokenHash: string,
  { email: invited }: Invitation,
  { email, name, password }: Acceptance,
): Promise<Known> {
  if (email !== null && email.toLowerCase() !== invited.toLowerCase()) {
    throw new Fault(
      'INVALID_REQUEST',
      'Email must be the address of the invitation or be left out.',
    );
  }
  const known = await findPersonByEmail(ctx.db, invited);
  // The inviter has the link too, so it is no proof of being an existing user, not even of one without a
  // password, who is refused alike.
  const passwordHash = known
    ? (await checkPassword(ctx, invited, password)).passwordHash
    : await hashPassword('Password', password);
  const now = ctx.clock.now();
  return authorizer.change(async (tx) => {
    const invitation = await takeInvitation(tx, tokenHash, now);
    if (!invitation) throw gone();
    let userId = known?.userId;
    if (userId === undefined) {
      const user = await insertUser(tx, {
        userId: newId('user', now),
        email: invited,
        isAdmin: false,
        createdAt: now,
        isEmailProven: false,
        name: name ?? nameOf(invited),
      });
      // Somebody made a user of this address in between.
      if (!user) throw wrongPassword();
      userId = user.userId;
      await putPassword(tx, newId('account', now), userId, passwordHash, now);
    }
    await joinBusiness(tx, ctx, invitation, userId);
    return { userId, passwordHash };
  });
}

/** Until somebody gives another one. */
export const nameOf = (email: string) => email.split('@')[0] ?? email;
