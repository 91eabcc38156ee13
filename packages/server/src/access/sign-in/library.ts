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

export interface LibraryExtensions {
  readonly plugins?: readonly BetterAuthPlugin[];
  readonly validateUserInfo?: NonNullable<BetterAuthOptions['user']>['validateUserInfo'];
  readonly createUser?: (email: string, name: string) => Promise<LibraryRecord>;
}

export type Library = Awaited<ReturnType<typeof openLibrary>>;

/** better-auth keeps sessions in our tables. It is large, so it is loaded at the first sign-in. */
export async function openLibrary(ctx: SignInContext, extensions: LibraryExtensions = {}) {
  const [{ betterAuth }, api, cookies] = await Promise.all([
    import('better-auth/minimal'),
    import('better-auth/api'),
    import('better-auth/cookies'),
  ]);
  const publicUrl = ctx.publicUrl();
  return betterAuth({
    appName: 'Colloquy',
    baseURL: publicUrl,
    basePath: '/api/auth',
    secret: ctx.secrets.seed('sessions').toString('hex'),
    database: () => adapterOn(ctx, extensions.createUser ?? unsupported('creating a user')),
    logger: {
      // Context may contain addresses, so only the message is logged, with addresses removed.
      log: (level, message) => {
        const text = message.replaceAll(/\S+@\S+/g, '…');
        ctx.log[level === 'error' || level === 'warn' ? 'info' : 'debug'](`sign-in: ${text}`);
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
      // Links an account to the user whose address the provider has verified.
      accountLinking: { enabled: true },
    },
    ...(extensions.validateUserInfo && { user: { validateUserInfo: extensions.validateUserInfo } }),
    plugins: [sessionsPlugin(api, cookies), ...(extensions.plugins ?? [])],
  });
}

function sessionsPlugin(
  { createAuthEndpoint }: typeof import('better-auth/api'),
  cookies: typeof import('better-auth/cookies'),
) {
  return {
    id: 'colloquy-sessions',
    endpoints: {
      /** The caller has already verified the user. */
      beginSession: createAuthEndpoint(
        '/colloquy/begin',
        {
          method: 'POST',
          body: unvalidated<{ userId: string }>(),
          metadata: { SERVER_ONLY: true },
        },
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
        { method: 'POST', body: unvalidated<{ token: string }>(), metadata: { SERVER_ONLY: true } },
        async (call) => {
          await call.context.internalAdapter.deleteSession(call.body.token);
          cookies.deleteSessionCookie(call);
          return null;
        },
      ),
    },
  } satisfies BetterAuthPlugin;
}

const unvalidated = <T>() => ({
  '~standard': {
    version: 1 as const,
    vendor: 'colloquy',
    validate: (value: unknown) => ({ value: value as T }),
    types: undefined as { input: T; output: T } | undefined,
  },
});

const unsupported = (operation: string) => () =>
  Promise.reject(new Error(`${operation} is not supported`));

function adapterOn(
  { db, clock }: SignInContext,
  createUser: NonNullable<LibraryExtensions['createUser']>,
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
    count: unsupported('count'),
    consumeOne: unsupported('consumeOne'),
    incrementOne: unsupported('incrementOne'),
    transaction: <R>(work: (tx: unknown) => Promise<R>) => work(adapter),
  };
  return adapter as unknown as DBAdapter;
}

async function findUser(db: Db, userId: unknown): Promise<LibraryRecord | null> {
  const [user] = await findRecords(db, 'user', [{ field: 'id', value: userId }]);
  return user ? knownUser('user', user) : null;
}

/** The creator of a user vouches for the address, which counts as verified here. */
const knownUser = (model: string, record: LibraryRecord) =>
  model === 'user' ? { ...record, emailVerified: true, image: null } : record;
