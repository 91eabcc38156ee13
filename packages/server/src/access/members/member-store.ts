import { type Db, statement, type Tx } from '../../kernel/postgres/database.ts';
import { MAY_USE, ROLE_IN } from '../api-keys/key-store.ts';
import type { MemberRole } from '../authorization/roles.ts';
import type { Scope, SignedIn } from '../authorization/scope.ts';
import type { Business } from '../store.ts';

export interface Member {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly role: MemberRole;
  /** The owner's role is always Owner. */
  readonly isOwner: boolean;
  readonly isDisabled: boolean;
  /** null for the owner, and for members added before times were recorded. */
  readonly addedAt: number | null;
}

const IS_OWNER = 'u.user_id IS NOT DISTINCT FROM b.owner_user_id';
const MEMBER = `u.user_id AS "userId", u.email, u.name, u.is_disabled AS "isDisabled",
  ${IS_OWNER} AS "isOwner", CASE WHEN ${IS_OWNER} THEN 'Owner' ELSE m.role END AS role,
  m.added_at AS "addedAt"`;
// The owner need not be in business_members.
const MEMBERS = `FROM businesses b
  JOIN users u ON u.user_id = b.owner_user_id
    OR u.user_id IN (SELECT user_id FROM business_members WHERE business_id = $1)
  LEFT JOIN business_members m ON m.business_id = b.business_id AND m.user_id = u.user_id
  WHERE b.business_id = $1`;

const find = statement('access.find_member', `SELECT ${MEMBER} ${MEMBERS} AND u.user_id = $2`);

export const findMember = (db: Db, scope: Pick<Scope, 'businessId'>, userId: string) =>
  db.row<Member>(find, [scope.businessId, userId]);

const findByEmail = statement(
  'access.find_member_by_email',
  `SELECT ${MEMBER} ${MEMBERS} AND lower(u.email) = lower($2)`,
);

export const findMemberByEmail = (db: Db, scope: Pick<Scope, 'businessId'>, email: string) =>
  db.row<Member>(findByEmail, [scope.businessId, email]);

const list = statement(
  'access.list_members',
  `SELECT ${MEMBER} FROM businesses b
   JOIN (
     SELECT user_id FROM business_members WHERE business_id = $1 AND user_id > $2
     UNION SELECT owner_user_id FROM businesses WHERE business_id = $1 AND owner_user_id > $2
     ORDER BY 1 LIMIT $3
   ) AS page ON true
   JOIN users u ON u.user_id = page.user_id
   LEFT JOIN business_members m ON m.business_id = b.business_id AND m.user_id = u.user_id
   WHERE b.business_id = $1 ORDER BY u.user_id`,
);

export const listMembers = (db: Db, scope: Scope, after: string, limit: number) =>
  db.rows<Member>(list, [scope.businessId, after, limit]);

const otherOwner = statement(
  'access.other_owner',
  `SELECT u.user_id AS "userId" FROM users u
   WHERE NOT u.is_disabled AND u.user_id <> $2 AND (
     u.user_id = (SELECT owner_user_id FROM businesses WHERE business_id = $1)
     OR u.user_id IN (
       SELECT user_id FROM business_members WHERE business_id = $1 AND role = 'Owner'))
   LIMIT 1`,
);

export const hasOtherOwner = async (tx: Tx, scope: Scope, userId: string) =>
  (await tx.row(otherOwner, [scope.businessId, userId])) !== undefined;

const put = statement(
  'access.put_member',
  `INSERT INTO business_members (business_id, user_id, role, added_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT (business_id, user_id) DO UPDATE SET role = excluded.role`,
);

export type MemberRow = Pick<Member, 'userId' | 'role'>;

/** `now` is stored only for new members. */
export async function putMemberRow(
  tx: Tx,
  { businessId }: Pick<Scope, 'businessId'>,
  { userId, role }: MemberRow,
  now: number,
): Promise<void> {
  await tx.rows(put, [businessId, userId, role, new Date(now).toISOString()]);
}

const remove = statement(
  'access.remove_member',
  'DELETE FROM business_members WHERE business_id = $1 AND user_id = $2',
);

export async function removeMemberRow(tx: Tx, scope: Scope, userId: string): Promise<void> {
  await tx.rows(remove, [scope.businessId, userId]);
}

export type MyBusiness = Pick<Member, 'role'> &
  Pick<Business, 'businessId' | 'name' | 'timeZone' | 'isDisabled' | 'isEditingEnabled'>;

const listMine = statement(
  'access.list_my_businesses',
  `SELECT b.business_id AS "businessId", b.name, b.time_zone AS "timeZone", ${ROLE_IN} AS role,
     b.is_disabled AS "isDisabled", b.is_editing_enabled AS "isEditingEnabled"
   FROM users u JOIN businesses b ON ${MAY_USE}
   WHERE u.user_id = $1 AND b.business_id > $2 AND ($4::bigint[] IS NULL OR b.business_id = ANY ($4))
     AND ($5 = '' OR strpos(lower(b.name), lower($5)) > 0 OR starts_with(b.business_id::text, $5))
   ORDER BY b.business_id LIMIT $3`,
);

export function listMyBusinesses(
  db: Db,
  { userId, businessIds }: SignedIn,
  search: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<MyBusiness[]> {
  return db.rows(listMine, [userId, after, limit, businessIds, search]);
}
