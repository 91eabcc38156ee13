import type { Tx } from '../../base/db.ts';
import { Fault } from '../../base/fault.ts';
import { newId } from '../../base/ids.ts';
import { ADMIN_EMAIL } from '../bootstrap.ts';
import type { Gate } from '../gate.ts';
import { findInvitation, type Invitation, takeInvitation } from '../people/invitation-store.ts';
import { joinBusiness } from '../people/invitations.ts';
import type { MemberRole } from '../roles.ts';
import { findUserByEmail, insertUser } from '../store.ts';
import {
  endSessionsOf,
  findPerson,
  findPersonByEmail,
  type Person,
  putPassword,
  setUserProfile,
} from './account-store.ts';
import type { SignInContext } from './library.ts';
import { findLink, type SignInLink, useLink } from './link-store.ts';
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
  readonly hasPassword: boolean;
  readonly expiresAt: number | null;
}

/** Faults: NOT_FOUND, GONE. */
export async function lookAt(ctx: SignInContext, token: string): Promise<Looked> {
  const { db, clock } = ctx;
  const found = await findByToken(ctx, hashToken(token));
  const { expiresAt } = found.of;
  if (hasEnded(found, clock.now())) throw gone();
  if (found.kind === 'SignInLink') {
    const person = await findPerson(db, found.of.userId);
    if (!person) throw gone();
    return {
      kind: 'SignInLink',
      email: choosesEmail(person) ? null : person.email,
      name: choosesEmail(person) ? null : person.name,
      ...{ businessName: null, role: null, hasPassword: person.passwordHash !== null, expiresAt },
    };
  }
  const { email, role, businessName } = found.of;
  const person = await findPersonByEmail(db, email);
  const hasPassword = person !== undefined && person.passwordHash !== null;
  return { kind: 'Invitation', email, name: null, businessName, role, hasPassword, expiresAt };
}

export interface Acceptance {
  readonly token: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly password: string;
}

/**
 * Takes what a link gives, all of it or nothing, and only once; gives the user's id. Faults: NOT_FOUND,
 * GONE, CONFLICT, SIGN_IN_FAILED, RATE_LIMITED, USER_DISABLED, INVALID_REQUEST.
 */
export async function accept(
  ctx: SignInContext,
  gate: Gate,
  acceptance: Acceptance,
): Promise<string> {
  const tokenHash = hashToken(acceptance.token);
  const found = await findByToken(ctx, tokenHash);
  if (hasEnded(found, ctx.clock.now())) throw gone();
  return found.kind === 'SignInLink'
    ? setPasswordBy(ctx, gate, tokenHash, found.of, acceptance)
    : acceptInvitation(ctx, gate, tokenHash, found.of, acceptance);
}

type Found =
  | { readonly kind: 'SignInLink'; readonly of: SignInLink }
  | { readonly kind: 'Invitation'; readonly of: Invitation & { readonly businessName: string } };

async function findByToken({ db }: SignInContext, tokenHash: string): Promise<Found> {
  const invitation = await findInvitation(db, tokenHash);
  if (invitation) return { kind: 'Invitation', of: invitation };
  const link = await findLink(db, tokenHash);
  if (link) return { kind: 'SignInLink', of: link };
  throw new Fault('NOT_FOUND', 'There is no such invitation; ask for another one.');
}

function hasEnded(found: Found, now: number): boolean {
  const usedAt = found.kind === 'SignInLink' ? found.of.usedAt : found.of.acceptedAt;
  return usedAt !== null || (found.of.expiresAt !== null && found.of.expiresAt <= now);
}

const gone = () => new Fault('GONE', 'This link was used or has expired; ask for another one.');

/** Only the first admin, who was made without anybody being asked. */
const choosesEmail = ({ email }: Pick<Person, 'email'>) => email === ADMIN_EMAIL;

async function setPasswordBy(
  ctx: SignInContext,
  gate: Gate,
  tokenHash: string,
  { userId }: SignInLink,
  { email, name, password }: Acceptance,
): Promise<string> {
  const person = await findPerson(ctx.db, userId);
  if (!person) throw gone();
  requireEnabled(person);
  const chosen = choosesEmail(person) ? email : null;
  if (choosesEmail(person) && chosen === null) {
    throw new Fault('INVALID_REQUEST', 'Email is missing; give the address to sign in with.');
  }
  if (chosen === null && email !== null && email.toLowerCase() !== person.email.toLowerCase()) {
    throw new Fault('INVALID_REQUEST', 'Email must be the one of the link, or be left out.');
  }
  const passwordHash = await hashPassword('Password', password);
  const now = ctx.clock.now();
  await gate.change(async (tx) => {
    if (!(await useLink(tx, tokenHash, now))) throw gone();
    if (chosen !== null) await requireFree(tx, chosen, userId);
    await setUserProfile(tx, userId, name, chosen);
    await putPassword(tx, newId('account', now), userId, passwordHash, now);
    await endSessionsOf(tx, userId, null);
  });
  return userId;
}

async function requireFree(tx: Tx, email: string, userId: string): Promise<void> {
  const other = await findUserByEmail(tx, email);
  if (!other || other.userId === userId) return;
  throw new Fault('CONFLICT', `There is a user with the Email ${email} already; choose another.`);
}

async function acceptInvitation(
  ctx: SignInContext,
  gate: Gate,
  tokenHash: string,
  { email: invited }: Invitation,
  { email, name, password }: Acceptance,
): Promise<string> {
  if (email !== null && email.toLowerCase() !== invited.toLowerCase()) {
    throw new Fault('INVALID_REQUEST', 'Email must be the one of the invitation, or be left out.');
  }
  const known = await findPersonByEmail(ctx.db, invited);
  // Whoever invites has the link too, so it is no proof of being a user that there is already.
  if (known && known.passwordHash === null) throw hasNoPassword();
  if (known) await checkPassword(ctx, invited, password);
  const passwordHash = known ? null : await hashPassword('Password', password);
  const now = ctx.clock.now();
  return gate.change(async (tx) => {
    const invitation = await takeInvitation(tx, tokenHash, now);
    if (!invitation) throw gone();
    let userId = known?.userId;
    if (passwordHash !== null) {
      const user = await insertUser(tx, {
        ...{ userId: newId('user', now), email: invited, isAdmin: false, createdAt: now },
        name: name ?? nameOf(invited),
      });
      // Somebody made a user of this address in between.
      if (!user) throw hasNoPassword();
      userId = user.userId;
      await putPassword(tx, newId('account', now), userId, passwordHash, now);
    }
    if (userId === undefined) throw new Error('an invitation was accepted by nobody');
    await joinBusiness(tx, ctx, invitation, userId);
    return userId;
  });
}

/** Until somebody gives another one. */
export const nameOf = (email: string) => email.split('@')[0] ?? email;

const hasNoPassword = () =>
  new Fault(
    'CONFLICT',
    'This user has no password yet; sign in by single sign-on, or ask an admin for a link to sign in with.',
  );
