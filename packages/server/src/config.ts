import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { DATABASE_TIMEOUT_SECONDS } from './kernel/postgres/open-database.ts';
import { BACKGROUND_NICE } from './kernel/threads/threads.ts';

/** Where recordings lie that do not lie on the local disk. */
export interface S3Config {
  readonly bucket: string;
  /** null: Amazon's own, of the region. */
  readonly endpoint: string | null;
  /** null: what the AWS settings of the environment or the profile name. */
  readonly region: string | null;
  /** Stands before each key: empty, or with a slash at its end. */
  readonly prefix: string;
  readonly forcePathStyle: boolean;
}

/** An OpenID provider that people may sign in with. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What stands on the button. */
  readonly name: string;
  /** Whether an address counts as verified where the provider does not say that it is. */
  readonly vouchesForAll: boolean;
}

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  /** After which a statement of a request counts as not answered, and the request gets a 503. */
  readonly databaseTimeoutSeconds: number;
  /** Where the ledger of erasures lies; null: in the bucket, or in `dataDir` where there is none. */
  readonly ledgerDir: string | null;
  readonly bootstrapApiKey: string | null;
  /** null: one is made and kept in `dataDir`. */
  readonly secret: string | null;
  /** Addresses or networks whose `X-Forwarded-For` counts. */
  readonly trustProxy: readonly string[];
  readonly audioUrlTtlSeconds: number;
  readonly rateLimitPerSecond: number | null;
  /** Reserved: nothing reads it, since the server fetches nothing from addresses that requests name. */
  readonly allowPrivateTargets: boolean;
  readonly sealAfterSeconds: number;
  readonly abandonAfterSeconds: number;
  /** The nice value of the threads that examine and decode recordings. */
  readonly backgroundNice: number;
  readonly demo: boolean;
  /** The base of links that we hand out, without a slash at its end; null: `http://HOST:PORT`. */
  readonly publicUrl: string | null;
  readonly logLevel: string;
  /** Where programs are looked for. */
  readonly searchPath: string;
  /** null: recordings lie in `dataDir`. */
  readonly s3: S3Config | null;
  /** null: people sign in with passwords alone. */
  readonly oidc: OidcConfig | null;
}

/** A setting that cannot be used; its message is the sentence that the operator reads. */
export class ConfigError extends Error {}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Reads the settings of docs/configuration.md from an environment. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const text = (name: string) => {
    const value = environment[name]?.trim();
    return value === undefined || value === '' ? null : value;
  };
  const whole = (name: string, lowest: number, highest: number) => {
    const value = text(name);
    if (value === null) return null;
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= lowest && number <= highest)) {
      throw new ConfigError(
        `${name} is "${value}"; give a whole number from ${lowest} to ${highest}.`,
      );
    }
    return number;
  };
  const flag = (name: string, byDefault: boolean) => {
    const value = text(name);
    if (value === null) return byDefault;
    if (value !== '0' && value !== '1')
      throw new ConfigError(`${name} is "${value}"; give 0 or 1.`);
    return value === '1';
  };
  const long = (name: string) => {
    const value = text(name);
    if (value !== null && value.length < 32) {
      throw new ConfigError(`${name} is too short; give 32 characters or more.`);
    }
    return value;
  };

  const databaseUrl = text('DATABASE_URL');
  const secret = long('SECRET');
  if (databaseUrl !== null && secret === null) {
    throw new ConfigError(
      'DATABASE_URL is set, so SECRET must be too: 32 characters or more, the same on every node. `openssl rand -base64 32` makes one.',
    );
  }
  if (databaseUrl !== null && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw new ConfigError('DATABASE_URL must begin with postgres:// or postgresql://.');
  }
  const givenUrl = text('PUBLIC_URL');
  if (givenUrl !== null && !(/^https?:\/\//.test(givenUrl) && URL.canParse(givenUrl))) {
    throw new ConfigError(`PUBLIC_URL is "${givenUrl}"; give an http:// or https:// URL.`);
  }
  // As a URL is written, so that it can stand in JSON as it is.
  const publicUrl = givenUrl === null ? null : new URL(givenUrl).href.replace(/\/+$/, '');
  const logLevel = text('LOG_LEVEL') ?? 'info';
  if (!LOG_LEVELS.includes(logLevel)) {
    throw new ConfigError(`LOG_LEVEL is "${logLevel}"; give one of ${LOG_LEVELS.join(', ')}.`);
  }
  const trustProxy = text('TRUST_PROXY')?.split(/[\s,]+/) ?? [];
  const stranger = trustProxy.find((address) => !isNetwork(address));
  if (stranger !== undefined) {
    throw new ConfigError(
      `TRUST_PROXY holds "${stranger}"; give addresses or networks such as 10.0.0.0/8, separated by commas.`,
    );
  }
  const day = 86_400;
  const ledgerDir = text('LEDGER_DIR');
  return {
    port: whole('PORT', 0, 65_535) ?? 8080,
    host: text('HOST') ?? '127.0.0.1',
    dataDir: resolve(text('DATA_DIR') ?? './data'),
    databaseUrl,
    databaseTimeoutSeconds: whole('DATABASE_TIMEOUT_SECONDS', 1, 300) ?? DATABASE_TIMEOUT_SECONDS,
    ledgerDir: ledgerDir === null ? null : resolve(ledgerDir),
    bootstrapApiKey: long('BOOTSTRAP_API_KEY'),
    secret,
    trustProxy,
    audioUrlTtlSeconds: whole('AUDIO_URL_TTL_SECONDS', 1, 7 * day) ?? 1800,
    rateLimitPerSecond: whole('RATE_LIMIT_PER_SECOND', 1, 1_000_000),
    allowPrivateTargets: flag('ALLOW_PRIVATE_TARGETS', false),
    sealAfterSeconds: whole('SEAL_AFTER_SECONDS', 0, 30 * day) ?? 900,
    abandonAfterSeconds: whole('ABANDON_AFTER_SECONDS', 1, 365 * day) ?? day,
    backgroundNice: whole('BACKGROUND_NICE', 0, 19) ?? BACKGROUND_NICE,
    demo: flag('DEMO', databaseUrl === null),
    publicUrl,
    logLevel,
    searchPath: environment.PATH ?? '',
    s3: readS3(text, flag),
    oidc: readOidc(text, flag),
  };
}

const OIDC_SETTINGS = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_NAME'];

function readOidc(
  text: (name: string) => string | null,
  flag: (name: string, byDefault: boolean) => boolean,
): OidcConfig | null {
  const [issuer, clientId, clientSecret, name] = OIDC_SETTINGS.map(text);
  if (!issuer || !clientId || !clientSecret || !name) {
    const missing = OIDC_SETTINGS.filter((setting) => text(setting) === null);
    if (missing.length === OIDC_SETTINGS.length) return null;
    throw new ConfigError(
      `${missing.join(' and ')} must be set too: single sign-on takes ${OIDC_SETTINGS.join(', ')}.`,
    );
  }
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  // Whoever can read or change what goes there could be anybody here.
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isOwn(url.hostname));
  if (!url || !isSafe || url.search !== '' || url.hash !== '') {
    throw new ConfigError(`OIDC_ISSUER is "${issuer}"; give the https:// URL of the provider.`);
  }
  return {
    issuer: issuer.replace(/\/+$/, ''),
    clientId,
    clientSecret,
    name,
    vouchesForAll: flag('OIDC_VOUCHES_FOR_ALL', false),
  };
}

const isOwn = (host: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

const PREFIX = /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*\/?$/;

function readS3(
  text: (name: string) => string | null,
  flag: (name: string, byDefault: boolean) => boolean,
): S3Config | null {
  const bucket = text('S3_BUCKET');
  const givenEndpoint = text('S3_ENDPOINT');
  const givenPrefix = text('S3_PREFIX') ?? '';
  if (bucket === null) {
    const alone = ['S3_ENDPOINT', 'S3_REGION', 'S3_PREFIX', 'S3_FORCE_PATH_STYLE'].find(text);
    if (alone === undefined) return null;
    throw new ConfigError(`${alone} is set, so S3_BUCKET must be too.`);
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/.test(bucket)) {
    throw new ConfigError(`S3_BUCKET is "${bucket}", which is no name of a bucket.`);
  }
  if (
    givenEndpoint !== null &&
    !(/^https?:\/\//.test(givenEndpoint) && URL.canParse(givenEndpoint))
  ) {
    throw new ConfigError(`S3_ENDPOINT is "${givenEndpoint}"; give an http:// or https:// URL.`);
  }
  // Signed as they stand, so only what a URL leaves as it is; `.` and `..` would be resolved.
  const isPlain = PREFIX.test(givenPrefix) && !/(^|\/)\.{1,2}(\/|$)/.test(givenPrefix);
  if (givenPrefix !== '' && (!isPlain || givenPrefix.length > 512)) {
    throw new ConfigError(
      `S3_PREFIX is "${givenPrefix}"; give names of letters, digits, "_", "." and "-", separated by slashes.`,
    );
  }
  return {
    bucket,
    endpoint: givenEndpoint === null ? null : new URL(givenEndpoint).href.replace(/\/+$/, ''),
    region: text('S3_REGION'),
    prefix: givenPrefix === '' ? '' : givenPrefix.replace(/\/?$/, '/'),
    // Amazon wants the bucket in the name of the host; most others have one name only.
    forcePathStyle: flag('S3_FORCE_PATH_STYLE', givenEndpoint !== null),
  };
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0)
    return ['loopback', 'linklocal', 'uniquelocal'].includes(text);
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
  );
}
