import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { DATABASE_TIMEOUT_SECONDS } from './kernel/postgres/open-database.ts';
import { BACKGROUND_NICE } from './kernel/threads/threads.ts';

export interface S3Config {
  readonly bucket: string;
  readonly endpoint: string | null;
  /** Of `AudioUrl`, if clients reach the server at another address than `endpoint`. */
  readonly publicEndpoint: string | null;
  /** null: from the AWS settings of the environment or the profile. */
  readonly region: string | null;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  readonly forcePathStyle: boolean;
}

export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly name: string;
  /** True if addresses count as verified unless the provider says otherwise. */
  readonly vouchesForAll: boolean;
}

export interface Config {
  readonly port: number;
  /** Of health and metrics if the process only runs jobs; null: it does not listen. */
  readonly metricsPort: number | null;
  readonly host: string;
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  /** Timeout of a request's statement; the request then gets a 503. */
  readonly databaseTimeoutSeconds: number;
  /** null: the ledger is in the bucket, or in `dataDir` without a bucket. */
  readonly ledgerDir: string | null;
  readonly bootstrapApiKey: string | null;
  readonly secret: string | null;
  /** Addresses or networks whose `X-Forwarded-For` is trusted. */
  readonly trustProxy: readonly string[];
  readonly audioUrlTtlSeconds: number;
  readonly rateLimitPerSecond: number | null;
  /** True if requests to addresses of clients may use `http:` and reach private networks. */
  readonly allowPrivateTargets: boolean;
  readonly sealAfterSeconds: number;
  readonly abandonAfterSeconds: number;
  /** How long readers of the change log may be away. */
  readonly changeLogSeconds: number;
  /** Of a webhook's delivery: the time before each retry. */
  readonly webhookRetrySeconds: readonly number[];
  /** A webhook that fails for this time is disabled. */
  readonly webhookDisableAfterSeconds: number;
  readonly backgroundNice: number;
  readonly demo: boolean;
  /** Base of links, without a trailing slash; null: `http://HOST:PORT`. */
  readonly publicUrl: string | null;
  readonly logLevel: string;
  readonly searchPath: string;
  /** null: recordings are in `dataDir`. */
  readonly s3: S3Config | null;
  readonly oidc: OidcConfig | null;
}

export class ConfigError extends Error {}

/** Of Standard Webhooks: 75 hours in all. */
const WEBHOOK_RETRY_SECONDS = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
const MAX_LISTED = 50;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Reads the settings of docs/configuration.md from an environment. ConfigError if one is invalid. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const { config, problems } = readSettings(environment);
  const [first] = problems;
  if (first !== undefined) throw new ConfigError(first);
  return config;
}

export interface GivenSettings {
  readonly config: Config;
  /** All of them; a setting that has one gets its default. */
  readonly problems: readonly string[];
  /** Of all variables of the environment that have a value. */
  readonly names: readonly string[];
}

export function readSettings(environment: NodeJS.ProcessEnv = process.env): GivenSettings {
  const settings = new Settings(environment);
  const config = configOf(settings, environment);
  const names = Object.keys(environment).filter((name) => settings.text(name) !== null);
  return { config, problems: settings.problems, names };
}

function configOf(settings: Settings, environment: NodeJS.ProcessEnv): Config {
  const databaseUrl = readDatabaseUrl(settings);
  const day = 86_400;
  const ledgerDir = settings.text('LEDGER_DIR');
  return {
    port: settings.integer('PORT', 0, 65_535) ?? 8080,
    metricsPort: settings.integer('METRICS_PORT', 0, 65_535),
    host: settings.text('HOST') ?? '127.0.0.1',
    dataDir: resolve(settings.text('DATA_DIR') ?? './data'),
    databaseUrl,
    databaseTimeoutSeconds:
      settings.integer('DATABASE_TIMEOUT_SECONDS', 1, 300) ?? DATABASE_TIMEOUT_SECONDS,
    ledgerDir: ledgerDir === null ? null : resolve(ledgerDir),
    bootstrapApiKey: settings.secret('BOOTSTRAP_API_KEY'),
    secret: settings.secret('SECRET'),
    trustProxy: readTrustProxy(settings),
    audioUrlTtlSeconds: settings.integer('AUDIO_URL_TTL_SECONDS', 1, 7 * day) ?? 1800,
    rateLimitPerSecond: settings.integer('RATE_LIMIT_PER_SECOND', 1, 1_000_000),
    allowPrivateTargets: settings.flag('ALLOW_PRIVATE_TARGETS', false),
    sealAfterSeconds: settings.integer('SEAL_AFTER_SECONDS', 0, 30 * day) ?? 900,
    abandonAfterSeconds: settings.integer('ABANDON_AFTER_SECONDS', 1, 365 * day) ?? day,
    changeLogSeconds: settings.integer('CHANGE_LOG_SECONDS', 60, 365 * day) ?? 7 * day,
    webhookRetrySeconds:
      settings.integers('WEBHOOK_RETRY_SECONDS', 1, 30 * day) ?? WEBHOOK_RETRY_SECONDS,
    webhookDisableAfterSeconds:
      settings.integer('WEBHOOK_DISABLE_AFTER_SECONDS', 60, 365 * day) ?? 5 * day,
    backgroundNice: settings.integer('BACKGROUND_NICE', 0, 19) ?? BACKGROUND_NICE,
    demo: settings.flag('DEMO', databaseUrl === null),
    publicUrl: settings.url('PUBLIC_URL'),
    logLevel: readLogLevel(settings),
    searchPath: environment.PATH ?? '',
    s3: readS3(settings),
    oidc: readOidc(settings),
  };
}

class Settings {
  readonly problems: string[] = [];
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  refuse(problem: string): null {
    this.problems.push(problem);
    return null;
  }

  text(name: string): string | null {
    return this.#environment[name]?.trim() || null;
  }

  integer(name: string, min: number, max: number): number | null {
    const value = this.text(name);
    if (value === null) return null;
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    return this.refuse(`${name} is "${value}"; give a whole number from ${min} to ${max}.`);
  }

  /** Numbers separated by commas. */
  integers(name: string, min: number, max: number): readonly number[] | null {
    const texts = this.text(name)?.split(/[\s,]+/);
    if (!texts) return null;
    const numbers = texts.map((text) => (/^\d+$/.test(text) ? Number(text) : Number.NaN));
    const areValid = numbers.every((number) => number >= min && number <= max);
    if (areValid && numbers.length <= MAX_LISTED) return numbers;
    return this.refuse(
      `${name} is "${texts.join()}"; give up to ${MAX_LISTED} whole numbers from ${min} to ${max}, separated by commas.`,
    );
  }

  flag(name: string, byDefault: boolean): boolean {
    const value = this.text(name);
    if (value === null) return byDefault;
    if (value === '0' || value === '1') return value === '1';
    this.refuse(`${name} is "${value}"; give 0 or 1.`);
    return byDefault;
  }

  /** The value, or else the content of the file that `<name>_FILE` names, such as a container's secret. */
  confidential(name: string): string | null {
    const value = this.text(name);
    const file = this.text(`${name}_FILE`);
    if (file === null) return value;
    if (value !== null) return this.refuse(`Give ${name} or ${name}_FILE, not both.`);
    try {
      const content = readFileSync(file, 'utf8').trim();
      if (content !== '') return content;
      return this.refuse(`${name}_FILE is "${file}", which is empty; write the value into it.`);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      return this.refuse(
        `${name}_FILE is "${file}", which cannot be read (${code}); give a file that the server's user may read.`,
      );
    }
  }

  secret(name: string): string | null {
    const value = this.confidential(name);
    if (value === null || value.length >= 32) return value;
    return this.refuse(`${name} is too short; give 32 characters or more.`);
  }

  /** Without a trailing slash, in canonical form, which needs no escaping in JSON. */
  url(name: string): string | null {
    const value = this.text(name);
    if (value === null) return null;
    if (/^https?:\/\//.test(value) && URL.canParse(value)) {
      return new URL(value).href.replace(/\/+$/, '');
    }
    return this.refuse(`${name} is "${value}"; give an http:// or https:// URL.`);
  }
}

function readDatabaseUrl(settings: Settings): string | null {
  const url = settings.confidential('DATABASE_URL');
  if (url === null) return null;
  if (settings.text('SECRET') === null && settings.text('SECRET_FILE') === null) {
    return settings.refuse(
      'DATABASE_URL is set, so SECRET must be too: 32 characters or more, the same on every node. `openssl rand -base64 32` makes one.',
    );
  }
  if (/^postgres(ql)?:\/\//.test(url)) return url;
  return settings.refuse('DATABASE_URL must begin with postgres:// or postgresql://.');
}

function readLogLevel(settings: Settings): string {
  const level = settings.text('LOG_LEVEL') ?? 'info';
  if (LOG_LEVELS.includes(level)) return level;
  settings.refuse(`LOG_LEVEL is "${level}"; give one of ${LOG_LEVELS.join(', ')}.`);
  return 'info';
}

function readTrustProxy(settings: Settings): readonly string[] {
  const networks = settings.text('TRUST_PROXY')?.split(/[\s,]+/) ?? [];
  const invalid = networks.find((network) => !isNetwork(network));
  if (invalid === undefined) return networks;
  settings.refuse(
    `TRUST_PROXY contains "${invalid}"; give addresses or networks such as 10.0.0.0/8, separated by commas.`,
  );
  return [];
}

const OIDC_SETTINGS = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_NAME'];

function readOidc(settings: Settings): OidcConfig | null {
  const values = OIDC_SETTINGS.map((key) =>
    key === 'OIDC_CLIENT_SECRET' ? settings.confidential(key) : settings.text(key),
  );
  const [issuer, clientId, clientSecret, name] = values;
  if (!issuer || !clientId || !clientSecret || !name) {
    const missing = OIDC_SETTINGS.filter((_key, index) => values[index] === null);
    if (missing.length === OIDC_SETTINGS.length) return null;
    return settings.refuse(
      `${missing.join(' and ')} must be set too: single sign-on takes ${OIDC_SETTINGS.join(', ')}.`,
    );
  }
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  // Anyone who can read or change the traffic to the provider could sign in as any user.
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isOwn(url.hostname));
  if (!url || !isSafe || url.search !== '' || url.hash !== '') {
    return settings.refuse(`OIDC_ISSUER is "${issuer}"; give the https:// URL of the provider.`);
  }
  return {
    issuer: issuer.replace(/\/+$/, ''),
    clientId,
    clientSecret,
    name,
    vouchesForAll: settings.flag('OIDC_VOUCHES_FOR_ALL', false),
  };
}

const isOwn = (host: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

const PREFIX = /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*\/?$/;

const S3_SETTINGS = [
  'S3_ENDPOINT',
  'S3_PUBLIC_ENDPOINT',
  'S3_REGION',
  'S3_PREFIX',
  'S3_FORCE_PATH_STYLE',
];

function readS3(settings: Settings): S3Config | null {
  const bucket = settings.text('S3_BUCKET');
  const givenPrefix = settings.text('S3_PREFIX') ?? '';
  if (bucket === null) {
    const alone = S3_SETTINGS.find((key) => settings.text(key));
    if (alone === undefined) return null;
    return settings.refuse(`${alone} is set, so S3_BUCKET must be too.`);
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/.test(bucket)) {
    return settings.refuse(`S3_BUCKET is "${bucket}", which is not a valid bucket name.`);
  }
  const endpoint = settings.url('S3_ENDPOINT');
  // Only characters that URLs leave unchanged: keys are signed as they are.
  const isPlain = PREFIX.test(givenPrefix) && !/(^|\/)\.{1,2}(\/|$)/.test(givenPrefix);
  if (givenPrefix !== '' && (!isPlain || givenPrefix.length > 512)) {
    return settings.refuse(
      `S3_PREFIX is "${givenPrefix}"; give names of letters, digits, "_", "." and "-", separated by slashes.`,
    );
  }
  return {
    bucket,
    endpoint,
    publicEndpoint: settings.url('S3_PUBLIC_ENDPOINT'),
    region: settings.text('S3_REGION'),
    prefix: givenPrefix === '' ? '' : givenPrefix.replace(/\/?$/, '/'),
    // Amazon expects the bucket in the host name; most other servers have a single host name.
    forcePathStyle: settings.flag('S3_FORCE_PATH_STYLE', endpoint !== null),
  };
}

function isNetwork(text: string): boolean {
  const [address = '', bits = '0', ...rest] = text.split('/');
  const family = isIP(address);
  const isNamed = ['loopback', 'linklocal', 'uniquelocal'].includes(text);
  if (family === 0 || rest.length > 0) return isNamed;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}
