import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { ROLE_IN } from '../api-keys/key-store.ts';
import type { MemberRole } from '../authorization/roles.ts';
import type { Scope } from '../authorization/scope.ts';

export interface Invitation {
  readonly businessId: number;
  readonly invitationId: string;
  readonly email: string;
  readonly role: MemberRole;
  readonly invitedBy: string;
  readonly expiresAt: number;
  readonly acceptedAt: number | null;
  readonly createdAt: number;
}

const INVITATION = `i.business_id AS "businessId", i.invitation_id AS "invitationId", i.email, i.role,
  i.invited_by AS "invitedBy", i.expires_at AS "expiresAt", i.accepted_at AS "acceptedAt",
  i.created_at AS "createdAt"`;
const timestamp = (instant: number) => new Date(instant).toISOString();

const put = statement(
  'access.put_invitation',
  `INSERT INTO invitations AS i (business_id, invitation_id, email, role, token_hash, invited_by,
     expires_at, created_at)
   VALUES ($1, $2, $3, $4, decode($5, 'base64'), $6, $7, $8)
   ON CONFLICT (business_id, lower(email)) DO UPDATE SET
     invitation_id = excluded.invitation_id, email = excluded.email, role = excluded.role,
     token_hash = excluded.token_hash, invited_by = excluded.invited_by,
     expires_at = excluded.expires_at, accepted_at = NULL, created_at = excluded.created_at`,
);

export async function putInvitation(
  tx: Tx,
  invitation: Omit<Invitation, 'acceptedAt'>,
  tokenHash: string,
): Promise<void> {
  await tx.rows(put, [
    invitation.businessId,
    invitation.invitationId,
    invitation.email,
    invitation.role,
    tokenHash,
    invitation.invitedBy,
    timestamp(invitation.expiresAt),
    timestamp(invitation.createdAt),
  ]);
}

const list = statement(
  'access.list_invitations',
  `SELECT ${INVITATION} FROM invitations i
   WHERE i.business_id = $1 AND i.accepted_at IS NULL AND i.invitation_id > $2
   ORDER BY i.invitation_id LIMIT $3`,
);

export const listInvitations = (db: Db, scope: Scope, after: string, limit: number) =>
  db.rows<Invitation>(list, [scope.businessId, after, limit]);

const remove = statement(
  'access.remove_invitation',
  `DELETE FROM invitations i
   WHERE i.business_id = $1 AND i.invitation_id = $2 AND i.accepted_at IS NULL
   RETURNING ${INVITATION}`,
);

export const removeInvitation = (tx: Tx, scope: Scope, invitationId: string) =>
  tx.row<Invitation>(remove, [scope.businessId, invitationId]);

// An invitation is void if its inviter may no longer invite.
const IS_INVITER_OWNER = `EXISTS (
  SELECT FROM users u JOIN businesses b ON b.business_id = i.business_id
  WHERE u.user_id = i.invited_by AND NOT u.is_disabled AND ${ROLE_IN} = 'Owner')`;
const IS_OPEN = `i.accepted_at IS NULL AND i.expires_at > $2 AND ${IS_INVITER_OWNER}`;

const find = statement(
  'access.find_invitation',
  `SELECT ${INVITATION}, b.name AS "businessName", ${IS_INVITER_OWNER} AS "isInviterOwner"
   FROM invitations i JOIN businesses b ON b.business_id = i.business_id
   WHERE i.token_hash = decode($1, 'base64')`,
);

export interface FoundInvitation extends Invitation {
  readonly businessName: string;
  readonly isInviterOwner: boolean;
}

export const findInvitation = (db: Db, tokenHash: string) =>
  db.row<FoundInvitation>(find, [tokenHash]);

const take = statement(
  'access.take_invitation',
  `UPDATE invitations i SET accepted_at = $2
   WHERE i.token_hash = decode($1, 'base64') AND ${IS_OPEN}
   RETURNING ${INVITATION}`,
);

/** Undefined if it is not open. Only one of several concurrent calls gets it. */
export const takeInvitation = (tx: Tx, tokenHash: string, now: number) =>
  tx.row<Invitation>(take, [tokenHash, timestamp(now)]);

const takeOf = statement(
  'access.take_invitations_of',
  `UPDATE invitations i SET accepted_at = $2
   WHERE lower(i.email) = lower($1) AND ${IS_OPEN}
   RETURNING ${INVITATION}`,
);

export const takeInvitationsOf = (tx: Tx, email: string, now: number) =>
  tx.rows<Invitation>(takeOf, [email, timestamp(now)]);

const hasOpen = statement(
  'access.has_invitation',
  `SELECT EXISTS (SELECT FROM invitations i WHERE lower(i.email) = lower($1)
     AND ${IS_OPEN}) AS "isThere"`,
);

export const hasInvitation = async (db: Db, email: string, now: number) =>
  (await db.row<{ isThere: boolean }>(hasOpen, [email, timestamp(now)]))?.isThere ?? false;
