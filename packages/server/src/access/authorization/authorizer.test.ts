import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { mayAdd, mayRead } from '@colloquy/wire';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { testDatabase, untilBlocked } from '../../../../../test/servers/test-server.ts';
import { type Config, readConfig } from '../../config.ts';
import type { Database } from '../../kernel/postgres/database.ts';
import { openDatabase } from '../../kernel/postgres/open-database.ts';
import { deriveSecrets } from '../../kernel/secrets.ts';
import { createApiKey, revokeApiKey } from '../api-keys/api-keys.ts';
import { revokeKey } from '../api-keys/key-store.ts';
import { changeBusiness, createBusiness } from '../businesses/businesses.ts';
import { bootstrapAccess } from '../users/bootstrap.ts';
import { changeUser, createUser } from '../users/users.ts';
import { type Authorizer, openAuthorizer } from './authorizer.ts';
import { bumpEpoch, isAnyNodeBehind } from './lease-store.ts';

// A cache lease involves only nodes, their connections and the database, so these tests use
// authorizers and a real PostgreSQL without a server.

const log = pino({ level: 'silent' });
const clock = { offset: 0, now: () => Date.now() + clock.offset };
const ACTOR = { userId: 'somebody', apiKeyId: 'key', isAdmin: true };
const auditContext = { clock, secrets: deriveSecrets('test-secret') };
const open = (connection: pg.ClientConfig) => openDatabase({ connection, onError: () => {} });

let database: Awaited<ReturnType<typeof testDatabase>>;
let db: Database;
let authorizers: Authorizer[] = [];

beforeAll(async () => {
  database = await testDatabase();
  db = open(database.connection);
});
beforeEach(() => {
  clock.offset = 0;
});
afterEach(async () => {
  await Promise.all(authorizers.map((authorizer) => authorizer.close()));
  authorizers = [];
  // A node whose connection was cut cannot remove its lease; the next test must not wait for it.
  await db.pool.query('DELETE FROM nodes');
});
afterAll(async () => {
  await db.close();
  await database[Symbol.asyncDispose]();
});

async function node(nodeDb = db): Promise<Authorizer> {
  const authorizer = await openAuthorizer({ db: nodeDb, clock, log });
  authorizers.push(authorizer);
  return authorizer;
}

let userCount = 0;
async function makeUser(isAdmin = false) {
  userCount += 1;
  return createUser(
    { db, clock },
    { email: `user${userCount}@example.com`, name: 'Somebody', isAdmin },
  );
}

const newBusiness = (ownerUserId: string | null) =>
  createBusiness({ change: db.transaction }, auditContext, ACTOR, {
    businessId: null,
    name: 'Example',
    ownerUserId,
  });

async function makeAccess(limits: Partial<Parameters<typeof createApiKey>[2]> = {}) {
  const user = await makeUser();
  const { businessId } = await newBusiness(user.userId);
  const { userId } = user;
  const { apiKey, key } = await createApiKey({ db, ...auditContext }, ACTOR, {
    userId,
    name: 'test',
    businessIds: null,
    permissions: null,
    expiresAt: null,
    ...limits,
  });
  return { user, businessId, apiKeyId: apiKey.apiKeyId, authorization: `Token ${key}` };
}

async function check(
  authorizer: Authorizer,
  access: { authorization: string; businessId: number },
) {
  const identity = await authorizer.authenticate(access.authorization);
  return authorizer.authorize(identity, access.businessId, mayRead);
}

/** The code of the Fault that the promise rejects with, or 'passed'. */
const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'passed',
    (error) => error.code ?? error,
  );

async function countLeases(): Promise<number | null> {
  const text = 'SELECT FROM nodes WHERE lease_expires_at > clock_timestamp()';
  return (await db.pool.query(text)).rowCount;
}

/** A connection to the database that can be stalled (packets vanish) or cut. */
async function openStallableDatabase() {
  const { host, port, user, password, database: name } = new pg.Client(database.connection);
  const sockets = new Set<net.Socket>();
  let isStalled = false;
  const server = net.createServer((downstream) => {
    const upstream = host.startsWith('/')
      ? net.connect(`${host}/.s.PGSQL.${port}`)
      : net.connect(port, host);
    for (const [from, to] of [
      [downstream, upstream],
      [upstream, downstream],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => to.destroy());
      from.on('data', (chunk) => isStalled || to.write(chunk));
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address() as net.AddressInfo;
  const proxied = open({ host: '127.0.0.1', port: address.port, user, password, database: name });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    /** Only the connection that holds the lease uses the proxy; look-ups connect directly. */
    db: { ...db, connect: proxied.connect } satisfies Database,
    stall(stalled: boolean) {
      isStalled = stalled;
    },
    cut() {
      server.close();
      cut();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
      await proxied.close();
    },
  };
}

async function untilLeased(authorizer: Authorizer) {
  await expect.poll(() => authorizer.isLeased).toBe(true);
}

test('permission checks cause no look-ups while the leases of both nodes are renewed', async () => {
  const [one, two] = [await node(), await node()];
  const access = await makeAccess();
  await Promise.all([check(one, access), check(two, access)]);
  const before = [one.lookups, two.lookups];
  // Long enough for several renewals of the leases.
  const expiries = new Set<string>();
  const read = 'SELECT max(lease_expires_at)::text AS expiry FROM nodes';
  for (let round = 0; round < 1_000 || expiries.size < 4; round++) {
    await check(one, access);
    await check(two, access);
    if (round % 10 === 0) expiries.add((await db.pool.query(read)).rows[0]?.expiry);
  }
  expect([one.lookups, two.lookups]).toEqual(before);
});

test('a revoked key is refused on both nodes by checks that begin after the revocation', async () => {
  const [one, two] = [await node(), await node()];
  for (let round = 0; round < 20; round++) {
    const access = await makeAccess();
    let isRevoked = false;
    const late: unknown[] = [];
    let checks = 0;
    const checkRepeatedly = async (authorizer: Authorizer) => {
      for (let after = 0; after < 50; ) {
        if (isRevoked) after += 1;
        const began = isRevoked;
        const result = await outcome(check(authorizer, access));
        if (began || result !== 'passed') late.push(result);
        checks += 1;
        await setImmediate();
      }
    };
    const loops = [checkRepeatedly(one), checkRepeatedly(two), checkRepeatedly(two)];
    await expect.poll(() => checks, { interval: 5 }).toBeGreaterThan(30);
    await revokeApiKey(one, auditContext, ACTOR, access.apiKeyId);
    isRevoked = true;
    await Promise.all(loops);
    expect(new Set(late)).toEqual(new Set(['API_KEY_INVALID']));
  }
});

test('changes of users and businesses take effect with the next check on every node', async () => {
  const [one, two] = [await node(), await node()];
  const access = await makeAccess();
  const { userId } = access.user;
  const { businessId } = access;
  const user = { name: null, isDisabled: null, isAdmin: null };
  const business = { name: null, isDisabled: null, isEditingEnabled: null, retention: null };
  const onBoth = async () => [await outcome(check(one, access)), await outcome(check(two, access))];
  expect(await onBoth()).toEqual(['passed', 'passed']);
  await changeUser(one, userId, { ...user, isDisabled: true });
  expect(await onBoth()).toEqual(['USER_DISABLED', 'USER_DISABLED']);
  await changeUser(two, userId, { ...user, isDisabled: false });
  expect(await onBoth()).toEqual(['passed', 'passed']);
  await changeBusiness(
    two,
    auditContext,
    { ...ACTOR, businessId },
    {
      ...business,
      isEditingEnabled: false,
    },
  );
  expect(await onBoth()).toEqual(['BUSINESS_EDITING_DISABLED', 'BUSINESS_EDITING_DISABLED']);
  await changeBusiness(
    one,
    auditContext,
    { ...ACTOR, businessId },
    { ...business, isDisabled: true },
  );
  expect(await onBoth()).toEqual(['BUSINESS_DISABLED', 'BUSINESS_DISABLED']);
});

test('revoking a key waits until the lease of a disconnected node has expired', async () => {
  await using link = await openStallableDatabase();
  const [one, cutOff] = [await node(), await node(link.db)];
  const access = await makeAccess();
  await check(cutOff, access);
  expect(cutOff.isLeased).toBe(true);
  link.stall(true);
  let isLeasedAtEnd = true;
  await revokeApiKey(one, auditContext, ACTOR, access.apiKeyId).then(() => {
    isLeasedAtEnd = cutOff.isLeased;
  });
  expect(isLeasedAtEnd).toBe(false);
  const before = cutOff.lookups;
  expect(await outcome(check(cutOff, access))).toBe('API_KEY_INVALID');
  expect(cutOff.lookups).toBe(before + 1);
  expect(cutOff.isLeased).toBe(false);
  // Without a lease every check looks up the current permissions.
  const other = await makeAccess();
  await check(cutOff, other);
  await check(cutOff, other);
  expect(cutOff.lookups).toBe(before + 5);
  expect(await countLeases()).toBe(1);
  await revokeApiKey(one, auditContext, ACTOR, other.apiKeyId);

  link.stall(false);
  await untilLeased(cutOff);
  const third = await makeAccess();
  await check(cutOff, third);
  const steady = cutOff.lookups;
  await check(cutOff, third);
  expect(cutOff.lookups).toBe(steady);
});

test('a disconnected node clears its cache before its next lease counts', async () => {
  await using link = await openStallableDatabase();
  const [one, cutOff] = [await node(), await node(link.db)];
  const access = await makeAccess();
  await check(cutOff, access);
  link.stall(true);
  await revokeApiKey(one, auditContext, ACTOR, access.apiKeyId);
  link.stall(false);
  await untilLeased(cutOff);
  expect(await outcome(check(cutOff, access))).toBe('API_KEY_INVALID');
});

test('a dead node delays only the first revocation, until its lease has expired', async () => {
  await using link = await openStallableDatabase();
  const [one, dead] = [await node(), await node(link.db)];
  const [first, second] = [await makeAccess(), await makeAccess()];
  await check(dead, first);
  link.cut();
  await revokeApiKey(one, auditContext, ACTOR, first.apiKeyId);
  expect(await countLeases()).toBe(1);
  await revokeApiKey(one, auditContext, ACTOR, second.apiKeyId);
});

test('a disconnected node that revokes a key clears its own cache without waiting for its lease', async () => {
  await using link = await openStallableDatabase();
  const cutOff = await node(link.db);
  const access = await makeAccess();
  await check(cutOff, access);
  link.stall(true);
  await revokeApiKey(cutOff, auditContext, ACTOR, access.apiKeyId);
  // If it had waited for itself, it would no longer be leased.
  expect(cutOff.isLeased).toBe(true);
  expect(await outcome(check(cutOff, access))).toBe('API_KEY_INVALID');
});

test('a process that was frozen during a revocation does not use its cache when it resumes', async () => {
  const frozen = await node();
  const access = await makeAccess();
  await check(frozen, access);
  const module = (path: string) => JSON.stringify(new URL(`../../${path}`, import.meta.url));
  const revoke = `
    const { openDatabase } = await import(${module('kernel/postgres/open-database.ts')});
    const { changeAccess } = await import(${module('access/authorization/access-change.ts')});
    const { revokeKey } = await import(${module('access/api-keys/key-store.ts')});
    const connection = ${JSON.stringify(database.connection)};
    const db = openDatabase({ connection, onError: console.error });
    await changeAccess(db, (tx) => revokeKey(tx, '${access.apiKeyId}', Date.now()));
    await db.close();`;
  // Synchronous, to block this process until the other one has finished.
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', revoke]);
  expect([status, stderr.toString()]).toEqual([0, '']);
  expect(await outcome(check(frozen, access))).toBe('API_KEY_INVALID');
});

test('a node that closes removes its lease, and later changes do not wait for it', async () => {
  const [one, leaving] = [await node(), await node()];
  const access = await makeAccess();
  await leaving.close();
  expect(leaving.isLeased).toBe(false);
  expect(await countLeases()).toBe(1);
  await revokeApiKey(one, auditContext, ACTOR, access.apiKeyId);
});

test('a lease granted on a snapshot from before an access change starts with an empty cache', async () => {
  await using link = await openStallableDatabase();
  const lapsed = await node(link.db);
  const access = await makeAccess();
  await check(lapsed, access);
  link.stall(true);
  await expect.poll(() => lapsed.isLeased).toBe(false);
  const lock = await db.connect('lock');
  await lock.query('BEGIN; SELECT FROM nodes FOR UPDATE');
  link.stall(false);
  // The renewal has its snapshot of the database and waits for the lock …
  await untilBlocked({ sql: db.pool });
  // … while a change is made whose notification is lost.
  const epoch = await db.transaction(async (tx) => {
    const bumped = await bumpEpoch(tx);
    await revokeKey(tx, access.apiKeyId, clock.now());
    return bumped;
  });
  expect(await isAnyNodeBehind(db, epoch, null)).toBe(false);
  await lock.end();
  await expect.poll(() => lapsed.isLeased, { interval: 5 }).toBe(true);
  expect(await outcome(check(lapsed, access))).toBe('API_KEY_INVALID');
});

/** A database that delays the answers to look-ups of an authorizer while `hold.isOn`. */
function slowDatabase() {
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const hold = { isOn: false, begun: begun.promise, release: held.resolve };
  const slow: Database = {
    ...db,
    async row<Row extends object>(...[statement, values]: Parameters<Database['row']>) {
      const row = await db.row<Row>(statement, values);
      if (hold.isOn && statement.name === 'access.standing') {
        begun.resolve();
        await held.promise;
      }
      return row;
    },
  };
  return { db: slow, hold };
}

test('a key that was looked up before its revocation is not cached after it', async () => {
  const { db: slow, hold } = slowDatabase();
  const [one, two] = [await node(), await node(slow)];
  const access = await makeAccess();
  hold.isOn = true;
  const early = outcome(two.authenticate(access.authorization));
  await hold.begun;
  await revokeApiKey(one, auditContext, ACTOR, access.apiKeyId);
  hold.release();
  expect(await early).toBe('passed');
  expect(two.isLeased).toBe(true);
  expect(await outcome(two.authenticate(access.authorization))).toBe('API_KEY_INVALID');
});

test('permissions that were looked up before an access change are not cached after it', async () => {
  const { db: slow, hold } = slowDatabase();
  const [one, two] = [await node(), await node(slow)];
  const access = await makeAccess();
  await two.authenticate(access.authorization);
  hold.isOn = true;
  const early = outcome(check(two, access));
  await hold.begun;
  const change = { name: null, isDisabled: true, isEditingEnabled: null, retention: null };
  await changeBusiness(one, auditContext, { ...ACTOR, businessId: access.businessId }, change);
  hold.release();
  expect(await early).toBe('passed');
  expect(two.isLeased).toBe(true);
  expect(await outcome(check(two, access))).toBe('BUSINESS_DISABLED');
});

test('a caller identified before a change is authorized by the permissions after it', async () => {
  const [one, two] = [await node(), await node()];
  const admin = await makeUser(true);
  const { userId } = admin;
  const key = await createApiKey({ db, ...auditContext }, ACTOR, {
    userId,
    name: 'test',
    businessIds: null,
    permissions: null,
    expiresAt: null,
  });
  const { businessId } = await newBusiness(null);
  const before = await two.authenticate(`Token ${key.key}`);
  await two.authorize(before, businessId, mayRead);
  await makeUser(true);
  await changeUser(one, userId, { name: null, isDisabled: null, isAdmin: false });
  expect(await outcome(two.authorize(before, businessId, mayRead))).toBe('BUSINESS_ACCESS_DENIED');
});

test('authorization reports the first failed check, in the documented order', async () => {
  const authorizer = await node();
  const access = await makeAccess({
    permissions: { 'Conversations.ConversationPermissions': ['Retrieving'] },
  });
  const { businessId } = access;
  const authenticate = (authorization?: string) => outcome(authorizer.authenticate(authorization));
  expect(await authenticate()).toBe('API_KEY_MISSING');
  expect(await authenticate(' ')).toBe('API_KEY_MISSING');
  expect(await authenticate('Token')).toBe('API_KEY_INVALID');
  expect(await authenticate('Basic dXNlcg==')).toBe('API_KEY_INVALID');
  expect(await authenticate('Token colloquy_unknown')).toBe('API_KEY_INVALID');
  const key = access.authorization.slice('Token '.length);
  for (const scheme of ['Token', 'token', 'Bearer', 'BEARER ']) {
    expect(await authenticate(`${scheme} ${key}`)).toBe('passed');
  }

  const enter = async (permission = mayRead, business = businessId) =>
    outcome(
      authorizer.authorize(
        await authorizer.authenticate(access.authorization),
        business,
        permission,
      ),
    );
  const change = { name: null, isDisabled: null, isEditingEnabled: null, retention: null };
  expect(await enter()).toBe('passed');
  expect(await enter(mayAdd)).toBe('PERMISSION_DENIED');
  await changeBusiness(
    authorizer,
    auditContext,
    { ...ACTOR, businessId },
    {
      ...change,
      isEditingEnabled: false,
    },
  );
  expect(await enter(mayAdd)).toBe('BUSINESS_EDITING_DISABLED');
  await changeBusiness(
    authorizer,
    auditContext,
    { ...ACTOR, businessId },
    {
      ...change,
      isDisabled: true,
    },
  );
  expect(await enter(mayAdd)).toBe('BUSINESS_DISABLED');
  const { businessId: foreign } = await newBusiness(null);
  expect(await enter(mayAdd, foreign)).toBe('BUSINESS_ACCESS_DENIED');
  expect(await enter(mayAdd, 999_999)).toBe('BUSINESS_ACCESS_DENIED');
  await changeUser(authorizer, access.user.userId, { name: null, isDisabled: true, isAdmin: null });
  expect(await enter().catch((error) => error.code)).toBe('USER_DISABLED');
  await revokeApiKey(authorizer, auditContext, ACTOR, access.apiKeyId);
  expect(await authenticate(access.authorization)).toBe('API_KEY_INVALID');
});

test('a cached key expires on time without a look-up', async () => {
  const authorizer = await node();
  const access = await makeAccess({ expiresAt: clock.now() + 60_000 });
  expect(await outcome(check(authorizer, access))).toBe('passed');
  clock.offset = 61_000;
  const before = authorizer.lookups;
  expect(await outcome(check(authorizer, access))).toBe('API_KEY_INVALID');
  expect(authorizer.lookups).toBe(before);
});

test('a key opens the businesses of its user, within the limits of the key', async () => {
  const authorizer = await node();
  const [owner, member] = [await makeAccess(), await makeAccess()];
  const enter = (authorization: string, businessId: number) =>
    outcome(check(authorizer, { authorization, businessId }));
  expect(await enter(member.authorization, owner.businessId)).toBe('BUSINESS_ACCESS_DENIED');
  await db.pool.query(`INSERT INTO business_members VALUES ($1, $2, 'Owner')`, [
    owner.businessId,
    member.user.userId,
  ]);
  expect(await enter(member.authorization, owner.businessId)).toBe('passed');

  const { userId } = member.user;
  const wanted = { userId, name: 'test', permissions: null, expiresAt: null };
  const limited = await createApiKey({ db, ...auditContext }, ACTOR, {
    ...wanted,
    businessIds: [owner.businessId, owner.businessId],
  });
  expect(limited.apiKey.businessIds).toEqual([owner.businessId]);
  expect(await enter(`Token ${limited.key}`, owner.businessId)).toBe('passed');
  expect(await enter(`Token ${limited.key}`, member.businessId)).toBe('BUSINESS_ACCESS_DENIED');

  const admin = await makeUser(true);
  const unlimited = await createApiKey({ db, ...auditContext }, ACTOR, {
    ...wanted,
    userId: admin.userId,
    businessIds: null,
  });
  expect(await enter(`Token ${unlimited.key}`, owner.businessId)).toBe('passed');
  expect(await enter(`Token ${unlimited.key}`, 999_999)).toBe('BUSINESS_ACCESS_DENIED');
  const otherBusiness = await createApiKey({ db, ...auditContext }, ACTOR, {
    ...wanted,
    userId: admin.userId,
    businessIds: [member.businessId],
  });
  expect(await enter(`Token ${otherBusiness.key}`, owner.businessId)).toBe(
    'BUSINESS_ACCESS_DENIED',
  );

  const requireAdmin = async (key: string) =>
    outcome(
      authorizer.authenticate(`Token ${key}`).then((identity) => authorizer.requireAdmin(identity)),
    );
  expect(await requireAdmin(unlimited.key)).toBe('passed');
  expect(await requireAdmin(otherBusiness.key)).toBe('PERMISSION_DENIED');
  expect(await requireAdmin(limited.key)).toBe('PERMISSION_DENIED');
});

test('two admins who disable each other concurrently leave one admin enabled', async () => {
  await using own = await testDatabase();
  const ownDb = open(own.connection);
  const [one, two] = [
    await openAuthorizer({ db: ownDb, clock, log }),
    await openAuthorizer({ db: ownDb, clock, log }),
  ];
  const make = (email: string) =>
    createUser({ db: ownDb, clock }, { email, name: 'Admin', isAdmin: true });
  const [ada, bob] = [await make('ada@example.com'), await make('bob@example.com')];
  const disable = (authorizer: Authorizer, userId: string) =>
    outcome(changeUser(authorizer, userId, { name: null, isDisabled: true, isAdmin: null }));
  const outcomes = await Promise.all([disable(one, ada.userId), disable(two, bob.userId)]);
  expect(outcomes.sort()).toEqual(['CONFLICT', 'passed']);
  await Promise.all([one.close(), two.close()]);
  await ownDb.close();
});

test('servers that start concurrently agree on one admin and one bootstrap key', async () => {
  await using own = await testDatabase();
  const nodes = Array.from({ length: 6 }, () => open(own.connection));
  const [first] = nodes;
  if (!first) throw new Error('there is a first node');
  const start = (nodeDb: Database, bootstrapApiKey: string | null) => {
    const config: Config = { ...readConfig({}), bootstrapApiKey };
    return bootstrapAccess({ config, db: nodeDb, clock, log });
  };
  const count = async (table: string) =>
    (await first.pool.query(`SELECT count(*)::int AS count FROM ${table}`)).rows[0].count;
  const startAll = async (key: string | null) =>
    (await Promise.all(nodes.map((nodeDb) => start(nodeDb, key)))).flatMap(
      ({ madeKey }) => madeKey ?? [],
    );

  const madeKeys = await startAll(null);
  expect(madeKeys).toHaveLength(1);
  expect([await count('users'), await count('api_keys')]).toEqual([1, 1]);
  expect(await startAll(null)).toEqual([]);

  const authorizer = await openAuthorizer({ db: first, clock, log });
  const passes = (key: string | undefined) => outcome(authorizer.authenticate(`Token ${key}`));
  expect(await passes(madeKeys[0])).toBe('passed');
  const [a, b] = ['a'.repeat(32), 'b'.repeat(32)];
  expect(await startAll(a)).toEqual([]);
  expect([await passes(a), await passes(madeKeys[0])]).toEqual(['passed', 'API_KEY_INVALID']);
  await startAll(b);
  expect([await passes(a), await passes(b)]).toEqual(['API_KEY_INVALID', 'passed']);
  await startAll(a);
  expect([await passes(a), await passes(b)]).toEqual(['passed', 'API_KEY_INVALID']);
  expect(await count('users')).toBe(1);

  // A key revoked by an admin does not come back, with or without the setting.
  const { caller } = await authorizer.authenticate(`Token ${a}`);
  await revokeApiKey(authorizer, auditContext, ACTOR, caller.apiKeyId);
  await startAll(a);
  expect(await startAll(null)).toEqual([]);
  expect(await passes(a)).toBe('API_KEY_INVALID');
  await startAll(b);
  expect(await passes(b)).toBe('passed');
  await startAll(a);
  expect([await passes(a), await passes(b)]).toEqual(['API_KEY_INVALID', 'API_KEY_INVALID']);

  await authorizer.close();
  await Promise.all(nodes.map((nodeDb) => nodeDb.close()));
});
