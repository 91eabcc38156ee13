import type { BetterAuthOptions, BetterAuthPlugin, DBAdapter } from 'better-auth';
import type { Context } from '../../context.ts';
import { newId } from '../../kernel/ids.ts';
import type { Db } from '../../kernel/postgres/database.ts';
import {
  deleteRecords,
  findRecords,
  insertRecord,
  type LibraryRecord,
  updateRecords,
} from './library-store.ts';

export type SignInContext = Pick<Context, 'config' | 'db' | 'clock' | 'log' | 'secrets'> & {
  publicUrl(): string;
};

export const COOKIE_PREFIX = 'colloquy';
const DAY_SECONDS = 86_400;

/** What single sign-on adds. */
export interface More {
  readonly plugins?: readonly BetterAuthPlugin[];
  readonly validateUserInfo?: NonNullable<BetterAuthOptions['user']>['validateUserInfo'];
  /** Makes a user of an address that is invited. */
  readonly createUser?: (email: string, name: string) => Promise<LibraryRecord>;
}

export type Library = Awaited<ReturnType<typeof openLibrary>>;

/**
 * The library that keeps sessions, on our tables. It is large, so it is loaded when somebody signs in
 * and not before.
 */
export async function openLibrary(ctx: SignInContext, more: More = {}) {
  const [{ betterAuth }, { createAuthEndpoint }, cookies] = await Promise.all([
    import('better-auth/minimal'),
    import('better-auth/api'),
    import('better-auth/cookies'),
  ]);
  const sessions = {
    id: 'colloquy-sessions',
    endpoints: {
      /** Whoever calls this has found out who it is. */
      beginSession: createAuthEndpoint(
        '/colloquy/begin',
        { method: 'POST', body: taken<{ userId: string }>(), metadata: { SERVER_ONLY: true } },
        async (call) => {
          const { internalAdapter } = call.context;
          const user = await internalAdapter.findUserById(call.body.userId);
          if (!user) return null;
          const session = await internalAdapter.createSession(user.id);
          await cookies.setSessionCookie(call, { session, user });
          return session;
        },
      ),
      endSession: createAuthEndpoint(
        '/colloquy/end',
        { method: 'POST', body: taken<{ token: string }>(), metadata: { SERVER_ONLY: true } },
        async (call) => {
          await call.context.internalAdapter.deleteSession(call.body.token);
          cookies.deleteSessionCookie(call);
          return null;
        },
      ),
    },
  } satisfies BetterAuthPlugin;
  const publicUrl = ctx.publicUrl();
  return betterAuth({
    appName: 'Colloquy',
    baseURL: publicUrl,
    basePath: '/api/auth',
    secret: ctx.secrets.seed('sessions').toString('hex'),
    database: () => adapterOn(ctx, more.createUser ?? unused('creating a user')),
    logger: {
      // What goes with a message may hold an address, so only the message is logged, without one.
      log: (level, message) => {
        const text = message.replaceAll(/\S+@\S+/g, '…');
        ctx.log[level === 'error' || level === 'warn' ? 'info' : 'debug'](`signing in: ${text}`);
      },
    },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    session: { expiresIn: 7 * DAY_SECONDS, updateAge: DAY_SECONDS },
    advanced: {
      cookiePrefix: COOKIE_PREFIX,
      useSecureCookies: publicUrl.startsWith('https:'),
    },
    account: {
      storeStateStrategy: 'cookie' as const,
      // Of whoever is known by an address that the provider vouches for.
      accountLinking: { enabled: true },
    },
    ...(more.validateUserInfo && { user: { validateUserInfo: more.validateUserInfo } }),
    plugins: [sessions, ...(more.plugins ?? [])],
  });
}

/** What only we call is not checked again. */
const taken = <T>() => ({
  '~standard': {
    version: 1 as const,
    vendor: 'colloquy',
    validate: (value: unknown) => ({ value: value as T }),
    types: undefined as { input: T; output: T } | undefined,
  },
});

const unused = (what: string) => () => Promise.reject(new Error(`${what} is not used here`));

/** The library's view of our tables. */
function adapterOn(
  { db, clock }: SignInContext,
  createUser: NonNullable<More['createUser']>,
): DBAdapter {
  const withJoined = async (record: LibraryRecord, join: object | undefined) => {
    const joined: LibraryRecord = {};
    for (const model of Object.keys(join ?? {})) {
      joined[model] = await (model === 'user'
        ? findUser(db, record.userId)
        : findRecords(db, model, [{ field: 'userId', value: record.id }]));
    }
    return { ...record, ...joined };
  };
  const adapter = {
    id: 'colloquy',
    async create({ model, data }: { model: string; data: LibraryRecord }) {
      if (model === 'user') {
        return knownUser(model, await createUser(String(data.email), String(data.name)));
      }
      return insertRecord(db, model, { id: newId(model, clock.now()), ...data });
    },
    async findOne({ model, where, join }: Parameters<DBAdapter['findOne']>[0]) {
      const [record] = await findRecords(db, model, where, { limit: 1 });
      return record ? withJoined(knownUser(model, record), join) : null;
    },
    async findMany({ model, where, join, ...order }: Parameters<DBAdapter['findMany']>[0]) {
      const records = await findRecords(db, model, where ?? [], order);
      return Promise.all(records.map((record) => withJoined(record, join)));
    },
    async update({ model, where, update }: Parameters<DBAdapter['update']>[0]) {
      const [record] = await updateRecords(db, model, where, update);
      return record ? knownUser(model, record) : null;
    },
    updateMany: async ({ model, where, update }: Parameters<DBAdapter['updateMany']>[0]) =>
      (await updateRecords(db, model, where, update)).length,
    async delete({ model, where }: Parameters<DBAdapter['delete']>[0]) {
      await deleteRecords(db, model, where);
    },
    deleteMany: ({ model, where }: Parameters<DBAdapter['deleteMany']>[0]) =>
      deleteRecords(db, model, where),
    count: unused('count'),
    consumeOne: unused('consumeOne'),
    incrementOne: unused('incrementOne'),
    transaction: <R>(work: (tx: unknown) => Promise<R>) => work(adapter),
  };
  return adapter as unknown as DBAdapter;
}

async function findUser(db: Db, userId: unknown): Promise<LibraryRecord | null> {
  const [user] = await findRecords(db, 'user', [{ field: 'id', value: userId }]);
  return user ? knownUser('user', user) : null;
}

/** An address of a user is the word of whoever made the user, which is as good as a proof here. */
const knownUser = (model: string, record: LibraryRecord) =>
  model === 'user' ? { ...record, emailVerified: true, image: null } : record;
