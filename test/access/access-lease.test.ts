import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { mayAdd, mayRead } from '@colloquy/wire';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createApiKey, revokeApiKey } from '../../packages/server/src/access/api-keys/api-keys.ts';
import { revokeKey } from '../../packages/server/src/access/api-keys/key-store.ts';
import {
  type Authorizer,
  openAuthorizer,
} from '../../packages/server/src/access/authorization/authorizer.ts';
import {
  bumpEpoch,
  isAnyNodeBehind,
} from '../../packages/server/src/access/authorization/lease-store.ts';
import {
  changeBusiness,
  createBusiness,
} from '../../packages/server/src/access/businesses/businesses.ts';
import { bootstrapAccess } from '../../packages/server/src/access/users/bootstrap.ts';
import { changeUser, createUser } from '../../packages/server/src/access/users/users.ts';
import { type Config, readConfig } from '../../packages/server/src/config.ts';
import type { Database } from '../../packages/server/src/kernel/postgres/database.ts';
import { openDatabase } from '../../packages/server/src/kernel/postgres/open-database.ts';
import { deriveSecrets } from '../../packages/server/src/kernel/secrets.ts';
import { testDatabase } from '../servers/test-server.ts';

// The lease is a matter between nodes, their connections and the database, so these tests stand on
// gates and a real PostgreSQL, without a server around them.

const log = pino({ level: 'silent' });
const clock = { offset: 0, now: () => Date.now() + clock.offset };
/** Who makes and changes here, and what the log of it stands on. */
const SOMEBODY = { userId: 'somebody', apiKeyId: 'key', isAdmin: true };
const keeping = { clock, secrets: deriveSecrets('test-secret') };
const open = (connection: pg.ClientConfig) => openDatabase({ connection, onError: () => {} });

let database: Awaited<ReturnType<typeof testDatabase>>;
let db: Database;
let gates: Authorizer[] = [];

beforeAll(async () => {
  database = await testDatabase();
  db = open(database.connection);
});
beforeEach(() => {
  clock.offset = 0;
});
afterEach(async () => {
  await Promise.all(gates.map((authorizer) => authorizer.close()));
  gates = [];
  // A node whose wire was cut cannot take its leave; the next test need not wait for its lease.
  await db.pool.query('DELETE FROM nodes');
});
afterAll(async () => {
  await db.close();
  await database[Symbol.asyncDispose]();
});

async function node(nodeDb = db): Promise<Authorizer> {
  const authorizer = await openAuthorizer({ db: nodeDb, clock, log });
  gates.push(authorizer);
  return authorizer;
}

let made = 0;
async function makeUser(isAdmin = false) {
  made += 1;
  return createUser({ db, clock }, { email: `user${made}@example.com`, name: 'Somebody', isAdmin });
}

const newBusiness = (ownerUserId: string | null) =>
  createBusiness({ change: db.transaction }, keeping, SOMEBODY, {
    businessId: null,
    name: 'Example',
    ownerUserId,
  });

/** A user, a business of that user and a key; `authorization` is what a request would send. */
async function makeAccess(limits: Partial<Parameters<typeof createApiKey>[2]> = {}) {
  const user = await makeUser();
  const { businessId } = await newBusiness(user.userId);
  const { userId } = user;
  const { apiKey, key } = await createApiKey({ db, ...keeping }, SOMEBODY, {
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

/** The code of the Fault that it fails with, or 'passed'. */
const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'passed',
    (error) => error.code ?? error,
  );

/** How many nodes a change of access would wait for. */
async function countLeases(): Promise<number | null> {
  const text = 'SELECT FROM nodes WHERE lease_expires_at > clock_timestamp()';
  return (await db.pool.query(text)).rowCount;
}

/** A wire to the database that can be stalled (packets vanish) or cut. */
async function openWire() {
  const { host, port, user, password, database: name } = new pg.Client(database.connection);
  const sockets = new Set<net.Socket>();
  let isStalled = false;
  const server = net.createServer((near) => {
    const far = host.startsWith('/')
      ? net.connect(`${host}/.s.PGSQL.${port}`)
      : net.connect(port, host);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => to.destroy());
      from.on('data', (chunk) => isStalled || to.write(chunk));
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address() as net.AddressInfo;
  const wired = open({ host: '127.0.0.1', port: address.port, user, password, database: name });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    /** Only the connection that holds the lease takes the wire; look-ups go straight. */
    db: { ...db, connect: wired.connect } satisfies Database,
    stall(stalled: boolean) {
      isStalled = stalled;
    },
    /** For good: nothing connects any more. */
    cut() {
      server.close();
      cut();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
      await wired.close();
    },
  };
}

async function untilLeased(authorizer: Authorizer) {
  await expect.poll(() => authorizer.isLeased).toBe(true);
}

test('in the steady state checks make no look-ups', async () => {
  const [one, two] = [await node(), await node()];
  const access = await makeAccess();
  await Promise.all([check(one, access), check(two, access)]);
  const before = [one.lookups, two.lookups];
  // Long enough that the leases have to be renewed on the way.
  const expiries = new Set<string>();
  const read = 'SELECT max(lease_expires_at)::text AS expiry FROM nodes';
  for (let round = 0; round < 1_000 || expiries.size < 4; round++) {
    await check(one, access);
    await check(two, access);
    if (round % 10 === 0) expiries.add((await db.pool.query(read)).rows[0]?.expiry);
  }
  expect([one.lookups, two.lookups]).toEqual(before);
});

test('a check that began after a revoke was answered is refused on both nodes', async () => {
  const [one, two] = [await node(), await node()];
  for (let round = 0; round < 20; round++) {
    const access = await makeAccess();
    let isRevoked = false;
    const late: unknown[] = [];
    let checks = 0;
    const hammer = async (authorizer: Authorizer) => {
      for (let after = 0; after < 50; ) {
        if (isRevoked) after += 1;
        const began = isRevoked;
        const result = await outcome(check(authorizer, access));
        if (began || result !== 'passed') late.push(result);
        checks += 1;
        await setImmediate();
      }
    };
    const hammers = [hammer(one), hammer(two), hammer(two)];
    await expect.poll(() => checks, { interval: 5 }).toBeGreaterThan(30);
    await revokeApiKey(one, keeping, SOMEBODY, access.apiKeyId);
    isRevoked = true;
    await Promise.all(hammers);
    expect(new Set(late)).toEqual(new Set(['API_KEY_INVALID']));
  }
});

test('users and businesses that change are seen by the next check on every node', async () => {
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
  await changeBusiness(two, keeping, SOMEBODY, businessId, {
    ...business,
    isEditingEnabled: false,
  });
  expect(await onBoth()).toEqual(['BUSINESS_EDITING_DISABLED', 'BUSINESS_EDITING_DISABLED']);
  await changeBusiness(one, keeping, SOMEBODY, businessId, { ...business, isDisabled: true });
  expect(await onBoth()).toEqual(['BUSINESS_DISABLED', 'BUSINESS_DISABLED']);
});

test('revoking waits for a node that is cut off, until its lease has run out', async () => {
  await using wire = await openWire();
  const [one, cutOff] = [await node(), await node(wire.db)];
  const access = await makeAccess();
  await check(cutOff, access);
  expect(cutOff.isLeased).toBe(true);
  wire.stall(true);
  let isLeasedAtEnd = true;
  await revokeApiKey(one, keeping, SOMEBODY, access.apiKeyId).then(() => {
    isLeasedAtEnd = cutOff.isLeased;
  });
  // It did wait: the other node may no longer answer from memory.
  expect(isLeasedAtEnd).toBe(false);
  const before = cutOff.lookups;
  expect(await outcome(check(cutOff, access))).toBe('API_KEY_INVALID');
  expect(cutOff.lookups).toBe(before + 1);
  expect(cutOff.isLeased).toBe(false);
  // Without a lease every check asks, and answers right.
  const other = await makeAccess();
  await check(cutOff, other);
  await check(cutOff, other);
  expect(cutOff.lookups).toBe(before + 5);
  // A node without a lease holds no change up.
  expect(await countLeases()).toBe(1);
  await revokeApiKey(one, keeping, SOMEBODY, other.apiKeyId);

  wire.stall(false);
  await untilLeased(cutOff);
  const third = await makeAccess();
  await check(cutOff, third);
  const steady = cutOff.lookups;
  await check(cutOff, third);
  expect(cutOff.lookups).toBe(steady);
});

test('what a cut-off node still remembers is forgotten before its next lease counts', async () => {
  await using wire = await openWire();
  const [one, cutOff] = [await node(), await node(wire.db)];
  const access = await makeAccess();
  await check(cutOff, access);
  wire.stall(true);
  await revokeApiKey(one, keeping, SOMEBODY, access.apiKeyId);
  wire.stall(false);
  await untilLeased(cutOff);
  expect(await outcome(check(cutOff, access))).toBe('API_KEY_INVALID');
});

test('a node that died delays a revoke by its lease, and only once', async () => {
  await using wire = await openWire();
  const [one, dead] = [await node(), await node(wire.db)];
  const [first, second] = [await makeAccess(), await makeAccess()];
  await check(dead, first);
  wire.cut();
  await revokeApiKey(one, keeping, SOMEBODY, first.apiKeyId);
  // Its lease has expired, so nothing is left that the second could wait for.
  expect(await countLeases()).toBe(1);
  await revokeApiKey(one, keeping, SOMEBODY, second.apiKeyId);
});

test('a node that is cut off does not wait for itself, and forgets at once', async () => {
  await using wire = await openWire();
  const cutOff = await node(wire.db);
  const access = await makeAccess();
  await check(cutOff, access);
  wire.stall(true);
  await revokeApiKey(cutOff, keeping, SOMEBODY, access.apiKeyId);
  // Waiting for itself would have lasted until its lease expired.
  expect(cutOff.isLeased).toBe(true);
  expect(await outcome(check(cutOff, access))).toBe('API_KEY_INVALID');
});

test('a process that was frozen does not act on what it remembers when it wakes', async () => {
  const frozen = await node();
  const access = await makeAccess();
  await check(frozen, access);
  const module = (path: string) =>
    JSON.stringify(new URL(`../../packages/server/src/${path}`, import.meta.url));
  const revoke = `
    const { openDatabase } = await import(${module('kernel/postgres/open-database.ts')});
    const { changeAccess } = await import(${module('access/authorization/access-change.ts')});
    const { revokeKey } = await import(${module('access/api-keys/key-store.ts')});
    const connection = ${JSON.stringify(database.connection)};
    const db = openDatabase({ connection, onError: console.error });
    await changeAccess(db, (tx) => revokeKey(tx, '${access.apiKeyId}', Date.now()));
    await db.close();`;
  // Synchronous, so that nothing runs in this process until the other one has its answer.
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', revoke]);
  expect([status, stderr.toString()]).toEqual([0, '']);
  expect(await outcome(check(frozen, access))).toBe('API_KEY_INVALID');
});

test('a node that closes leaves nothing to wait for', async () => {
  const [one, leaving] = [await node(), await node()];
  const access = await makeAccess();
  await leaving.close();
  expect(leaving.isLeased).toBe(false);
  expect(await countLeases()).toBe(1);
  await revokeApiKey(one, keeping, SOMEBODY, access.apiKeyId);
});

test('a lease that is granted from before a change that waited for nobody starts empty', async () => {
  await using wire = await openWire();
  const lapsed = await node(wire.db);
  const access = await makeAccess();
  await check(lapsed, access);
  wire.stall(true);
  await expect.poll(() => lapsed.isLeased).toBe(false);
  const lock = await db.connect('lock');
  await lock.query('BEGIN; SELECT FROM nodes FOR UPDATE');
  wire.stall(false);
  // The renewal has its view of the database and waits for the lock …
  const waiting = `SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  const isWaiting = async () => (await db.pool.query(waiting)).rowCount === 1;
  await expect.poll(isWaiting).toBe(true);
  // … while a change is made whose notification gets lost.
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

/** A database that holds back the answers to the look-ups of a authorizer while it is told to. */
function slowDatabase() {
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const hold = { isOn: false, begun: begun.promise, letGo: held.resolve };
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

test('whose key it is, looked up before a change, is not remembered after it', async () => {
  const { db: slow, hold } = slowDatabase();
  const [one, two] = [await node(), await node(slow)];
  const access = await makeAccess();
  hold.isOn = true;
  const early = outcome(two.authenticate(access.authorization));
  await hold.begun;
  await revokeApiKey(one, keeping, SOMEBODY, access.apiKeyId);
  hold.letGo();
  expect(await early).toBe('passed');
  expect(two.isLeased).toBe(true);
  expect(await outcome(two.authenticate(access.authorization))).toBe('API_KEY_INVALID');
});

test('what a key may enter, looked up before a change, is not remembered after it', async () => {
  const { db: slow, hold } = slowDatabase();
  const [one, two] = [await node(), await node(slow)];
  const access = await makeAccess();
  await two.authenticate(access.authorization);
  hold.isOn = true;
  const early = outcome(check(two, access));
  await hold.begun;
  const change = { name: null, isDisabled: true, isEditingEnabled: null, retention: null };
  await changeBusiness(one, keeping, SOMEBODY, access.businessId, change);
  hold.letGo();
  expect(await early).toBe('passed');
  expect(two.isLeased).toBe(true);
  expect(await outcome(check(two, access))).toBe('BUSINESS_DISABLED');
});

test('whoever was identified before a change enters by what holds after it', async () => {
  const [one, two] = [await node(), await node()];
  const admin = await makeUser(true);
  const { userId } = admin;
  const key = await createApiKey({ db, ...keeping }, SOMEBODY, {
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

test('the first check that fails answers', async () => {
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
  await changeBusiness(authorizer, keeping, SOMEBODY, businessId, {
    ...change,
    isEditingEnabled: false,
  });
  expect(await enter(mayAdd)).toBe('BUSINESS_EDITING_DISABLED');
  await changeBusiness(authorizer, keeping, SOMEBODY, businessId, { ...change, isDisabled: true });
  expect(await enter(mayAdd)).toBe('BUSINESS_DISABLED');
  const { businessId: foreign } = await newBusiness(null);
  expect(await enter(mayAdd, foreign)).toBe('BUSINESS_ACCESS_DENIED');
  expect(await enter(mayAdd, 999_999)).toBe('BUSINESS_ACCESS_DENIED');
  await changeUser(authorizer, access.user.userId, { name: null, isDisabled: true, isAdmin: null });
  expect(await enter().catch((error) => error.code)).toBe('USER_DISABLED');
  await revokeApiKey(authorizer, keeping, SOMEBODY, access.apiKeyId);
  expect(await authenticate(access.authorization)).toBe('API_KEY_INVALID');
});

test('a key expires on time, remembered or not', async () => {
  const authorizer = await node();
  const access = await makeAccess({ expiresAt: clock.now() + 60_000 });
  expect(await outcome(check(authorizer, access))).toBe('passed');
  clock.offset = 61_000;
  const before = authorizer.lookups;
  expect(await outcome(check(authorizer, access))).toBe('API_KEY_INVALID');
  expect(authorizer.lookups).toBe(before);
});

test('a key is good for the businesses of its user, within its limits', async () => {
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
  const limited = await createApiKey({ db, ...keeping }, SOMEBODY, {
    ...wanted,
    businessIds: [owner.businessId, owner.businessId],
  });
  expect(limited.apiKey.businessIds).toEqual([owner.businessId]);
  expect(await enter(`Token ${limited.key}`, owner.businessId)).toBe('passed');
  expect(await enter(`Token ${limited.key}`, member.businessId)).toBe('BUSINESS_ACCESS_DENIED');

  const admin = await makeUser(true);
  const every = await createApiKey({ db, ...keeping }, SOMEBODY, {
    ...wanted,
    userId: admin.userId,
    businessIds: null,
  });
  expect(await enter(`Token ${every.key}`, owner.businessId)).toBe('passed');
  expect(await enter(`Token ${every.key}`, 999_999)).toBe('BUSINESS_ACCESS_DENIED');
  const some = await createApiKey({ db, ...keeping }, SOMEBODY, {
    ...wanted,
    userId: admin.userId,
    businessIds: [member.businessId],
  });
  expect(await enter(`Token ${some.key}`, owner.businessId)).toBe('BUSINESS_ACCESS_DENIED');

  const requireAdmin = async (key: string) =>
    outcome(
      authorizer.authenticate(`Token ${key}`).then((identity) => authorizer.requireAdmin(identity)),
    );
  expect(await requireAdmin(every.key)).toBe('passed');
  expect(await requireAdmin(some.key)).toBe('PERMISSION_DENIED');
  expect(await requireAdmin(limited.key)).toBe('PERMISSION_DENIED');
});

test('of two admins who disable each other at once one stays', async () => {
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

test('servers that start at once agree on one admin and one bootstrap key', async () => {
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

  // One that an admin revoked does not come back, with the setting or without.
  const { caller } = await authorizer.authenticate(`Token ${a}`);
  await revokeApiKey(authorizer, keeping, SOMEBODY, caller.apiKeyId);
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
