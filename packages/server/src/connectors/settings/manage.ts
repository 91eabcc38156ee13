import { type ConnectionChange, type InputOf, SOURCE_SETTINGS } from '@colloquy/wire';
import { audit } from '../../access/audit/pending-store.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { newId } from '../../kernel/ids.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { SecretSet } from '../sources/source.ts';
import { type Connection, requireConnection } from './connection.ts';
import {
  countConnections,
  deleteConnectionRow,
  insertConnection,
  lockConnection,
  updateConnectionRow,
} from './connection-store.ts';
import { decipherSecrets, encipherSecrets, rotated } from './secrets.ts';

const MAX_CONNECTIONS = 100;

type ManageContext = Pick<Context, 'db' | 'clock' | 'secrets'>;
type NewConnection = Omit<InputOf<'CreateConnection'>, 'businessId'>;

/** INVALID_REQUEST, CONFLICT. */
export async function createConnection(
  ctx: ManageContext,
  scope: Scope,
  body: NewConnection,
): Promise<Connection> {
  const now = ctx.clock.now();
  const source = body.Source;
  const secrets = secretsOf(source, body.Secrets ?? {});
  const connection: Connection = {
    id: newId('connection', now),
    source,
    name: body.Name,
    secrets: encipherSecrets(ctx.secrets, [{ secrets, expiresAt: null }]),
    options: optionsOf(source, body.Options ?? {}),
    isPaused: false,
    createdAt: now,
    createdBy: scope.userId,
  };
  await ctx.db.transaction(async (tx) => {
    if ((await countConnections(tx, scope)) >= MAX_CONNECTIONS) {
      throw new Fault('CONFLICT', `There are ${MAX_CONNECTIONS} connections; delete one first.`);
    }
    await insertConnection(tx, scope, connection);
    await noteChange(tx, ctx, { ...scope, now, action: 'ConnectionCreated' }, connection);
  });
  return connection;
}

/** NOT_FOUND, INVALID_REQUEST. */
export async function updateConnection(
  ctx: ManageContext,
  scope: Scope,
  id: string,
  body: ConnectionChange,
): Promise<Connection> {
  return change(ctx, scope, id, async (tx, before, now) => {
    const after: Connection = {
      ...before,
      ...(body.Name != null && { name: body.Name }),
      ...(body.IsPaused != null && { isPaused: body.IsPaused }),
      ...(body.Options != null && { options: optionsOf(before.source, body.Options) }),
    };
    if (JSON.stringify(after) === JSON.stringify(before)) return before;
    await updateConnectionRow(tx, scope, after);
    await noteChange(tx, ctx, { ...scope, now, action: 'ConnectionChanged' }, after);
    return after;
  });
}

/** NOT_FOUND, INVALID_REQUEST. Returns until when the previous secrets are accepted. */
export async function rotateSecrets(
  ctx: ManageContext,
  scope: Scope,
  id: string,
  given: SecretSet,
): Promise<number> {
  let until = 0;
  await change(ctx, scope, id, async (tx, before, now) => {
    const current = decipherSecrets(ctx.secrets, before.secrets, now);
    const { stored, previousExpireAt } = rotated(current, secretsOf(before.source, given), now);
    until = previousExpireAt;
    const after = { ...before, secrets: encipherSecrets(ctx.secrets, stored) };
    await updateConnectionRow(tx, scope, after);
    await noteChange(tx, ctx, { ...scope, now, action: 'ConnectionSecretRotated' }, after);
    return after;
  });
  return until;
}

/** NOT_FOUND. */
export async function deleteConnection(ctx: ManageContext, scope: Scope, id: string) {
  await change(ctx, scope, id, async (tx, connection, now) => {
    await deleteConnectionRow(tx, scope, id);
    await noteChange(tx, ctx, { ...scope, now, action: 'ConnectionDeleted' }, connection);
    return connection;
  });
}

function change(
  ctx: ManageContext,
  scope: Scope,
  id: string,
  work: (tx: Tx, connection: Connection, now: number) => Promise<Connection>,
): Promise<Connection> {
  const now = ctx.clock.now();
  return ctx.db.transaction(async (tx) =>
    work(tx, requireConnection(await lockConnection(tx, scope, id)), now),
  );
}

interface Noted extends Scope {
  readonly now: number;
  readonly action: `Connection${'Created' | 'Changed' | 'SecretRotated' | 'Deleted'}`;
}

function noteChange(
  tx: Tx,
  ctx: ManageContext,
  { action, ...actor }: Noted,
  { id, source, isPaused }: Connection,
): Promise<void> {
  const details = { Source: source, IsPaused: isPaused };
  return audit(tx, ctx, actor, { action, kind: 'Connection', id, details });
}

/** Exactly those that the source needs. INVALID_REQUEST. */
function secretsOf(source: Connection['source'], given: SecretSet): SecretSet {
  const names = SOURCE_SETTINGS[source].secrets;
  const isExact =
    Object.keys(given).length === names.length && names.every((name) => Object.hasOwn(given, name));
  if (isExact) return given;
  const needed = names.length === 0 ? 'no keys' : `exactly the keys ${names.join(', ')}`;
  throw new Fault('INVALID_REQUEST', `Secrets must have ${needed} for the source ${source}.`);
}

/** INVALID_REQUEST. */
function optionsOf(source: Connection['source'], given: Connection['options']) {
  const known = SOURCE_SETTINGS[source].options;
  for (const [name, value] of Object.entries(given)) {
    const values = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!values) {
      const names = Object.keys(known).join(', ') || 'no keys';
      throw new Fault('INVALID_REQUEST', `Options may have ${names} for the source ${source}.`);
    }
    if (!values.includes(value)) {
      throw new Fault('INVALID_REQUEST', `Options.${name} must be one of ${values.join(', ')}.`);
    }
  }
  return given;
}
