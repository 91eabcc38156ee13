import type { AuditFilter, OutputOf } from '@colloquy/wire';
import type { Context } from '../../context.ts';
import { decodeCursor, encodeCursor } from '../../kernel/cursor.ts';
import { Fault } from '../../kernel/fault.ts';
import { formatInstant, parseInstant } from '../../kernel/instant.ts';
import { readAscending } from '../../kernel/page.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Handlers } from '../authorization/call.ts';
import { isMasked, type Scope } from '../authorization/scope.ts';
import { chainForReader } from './chain.ts';
import type { ChainedEntry, Head } from './chain-store.ts';
import { hashesOf, subjectHash } from './entry.ts';
import {
  type EntryKey,
  type Filter,
  findReadLogging,
  listChain,
  listEntries,
  listHeads,
  setReadLogging,
} from './list-store.ts';
import { audit } from './pending-store.ts';

type AuditContext = Pick<Context, 'db' | 'clock' | 'log' | 'secrets'>;
type EntryJson = OutputOf<'GetAudit'>['Items'][number];

interface Position {
  readonly filter: Filter;
  readonly at: EntryKey;
}

export function auditHandlers(ctx: AuditContext, authorizer: Authorizer) {
  return { ...listHandlers(ctx, authorizer), ...chainHandlers(ctx) };
}

function listHandlers(
  ctx: AuditContext,
  authorizer: Authorizer,
): Handlers<'GetAudit' | 'GetAuditSettings' | 'PutAuditSettings'> {
  const { db, clock, secrets } = ctx;
  return {
    async GetAuditSettings({ scope }) {
      return { data: { LogReads: await findReadLogging(db, scope) } };
    },
    async PutAuditSettings({ scope, body }) {
      // A change of access, because scopes contain the setting.
      await authorizer.change(async (tx) => {
        if (!(await setReadLogging(tx, scope, body.LogReads))) return;
        const details = { LogReads: body.LogReads };
        const id = String(scope.businessId);
        const subject = { kind: 'Business', id, details } as const;
        const event = { action: 'AuditSettingsChanged', ...subject } as const;
        await audit(tx, ctx, { ...scope, now: clock.now() }, event);
      });
      return { data: { LogReads: body.LogReads } };
    },
    async GetAudit({ scope, body }) {
      const audience = `audit ${scope.businessId}`;
      const requested = body.Filter == null ? null : filterOf(secrets, scope, body.Filter);
      const position =
        body.NextCursor == null ? null : decodeCursor<Position>(secrets, audience, body.NextCursor);
      if (position && requested && JSON.stringify(position.filter) !== JSON.stringify(requested)) {
        throw new Fault(
          'INVALID_CURSOR',
          'The Filter is not the one that the cursor was made with; leave it out, or start again without a cursor.',
        );
      }
      // The first page contains everything that was committed before the request.
      if (!position) await chainForReader(ctx, scope.businessId);
      const filter = position?.filter ?? requested ?? {};
      const page = { after: position?.at ?? null, limit: body.Limit ?? 50 };
      const found = await listEntries(db, scope, filter, page);
      const next: Position | null = found.next && { filter, at: found.next };
      return {
        data: {
          Items: found.entries.map((entry) => entryJson(secrets, scope, entry)),
          NextCursor: next && encodeCursor(secrets, audience, next),
        },
      };
    },
  };
}

function chainHandlers(ctx: AuditContext): Handlers<'GetAuditChain' | 'GetAuditHeads'> {
  const { db, secrets } = ctx;
  return {
    async GetAuditChain({ scope, query }) {
      if (isMasked(scope)) {
        throw new Fault(
          'PERMISSION_DENIED',
          'The chain is checked with the hashes of phone numbers, which are masked for this key; it takes Conversations.Unredacted.',
        );
      }
      const limited = { ...query, Limit: query.Limit ?? 100 };
      return readAscending(ctx, `audit chain ${scope.businessId}`, limited, {
        first: 0,
        read: (after, limit) => listChain(db, scope, after, limit),
        keyOf: ({ number }) => number,
        toWire: (entry) => entryJson(secrets, scope, entry),
      });
    },
    async GetAuditHeads({ scope, query }) {
      if (query.NextCursor === undefined) await chainForReader(ctx, scope.businessId);
      return readAscending(ctx, `audit heads ${scope.businessId}`, query, {
        first: 0,
        read: (after, limit) => listHeads(db, scope, after, limit),
        keyOf: ({ number }) => number,
        toWire: headJson,
      });
    },
  };
}

function entryJson(secrets: Context['secrets'], scope: Scope, entry: ChainedEntry): EntryJson {
  const { businessId } = scope;
  const { subjectId, kind } = entry;
  // A masked reader may add numbers to the do-not-call list, and could find a number by its equal hash.
  const isHidden = kind === 'PhoneNumber' && isMasked(scope);
  const wasAltered =
    subjectId !== null && subjectHash(secrets, businessId, kind, subjectId) !== entry.subjectHash;
  return {
    Number: entry.number,
    At: formatInstant(entry.at),
    UserId: entry.userId,
    ApiKeyId: entry.apiKeyId,
    Action: entry.action,
    SubjectKind: kind,
    SubjectId: subjectId,
    SubjectHash: isHidden ? '[PHONE]' : entry.subjectHash,
    Details: entry.details === null ? null : JSON.parse(entry.details),
    Hash: entry.hash,
    ...(wasAltered && { SubjectWasAltered: true }),
  };
}

/** Normalizes the filter, so equal filters have equal JSON. */
function filterOf(secrets: Context['secrets'], { businessId }: Scope, filter: AuditFilter): Filter {
  const from = filter.From == null ? null : parseInstant(filter.From);
  const to = filter.To == null ? null : parseInstant(filter.To);
  const { Actions, UserId, ApiKeyId, SubjectId } = filter;
  return {
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    ...(Actions?.length && { actions: [...new Set(Actions)].sort() }),
    ...(UserId != null && { userId: UserId }),
    ...(ApiKeyId != null && { apiKeyId: ApiKeyId }),
    ...(SubjectId != null && { subjectHashes: hashesOf(secrets, businessId, SubjectId) }),
  };
}

const headJson = ({ number, hash, at, signature }: Head) => ({
  Number: number,
  Hash: hash,
  At: formatInstant(at),
  Signature: signature,
});
