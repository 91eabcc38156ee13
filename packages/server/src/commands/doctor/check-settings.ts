import leven from 'leven';
import { type Config, readSettings } from '../../config.ts';
import { type Finding, findingsOf } from './finding.ts';

const { ok, warning, failed } = findingsOf('settings');

/** In docs/configuration.md; a test compares them with what the server reads. */
export const SETTINGS = [
  ...['ABANDON_AFTER_SECONDS', 'ALLOW_PRIVATE_TARGETS', 'AUDIO_URL_TTL_SECONDS', 'BACKGROUND_NICE'],
  ...['BOOTSTRAP_API_KEY', 'BOOTSTRAP_API_KEY_FILE', 'CHANGE_LOG_SECONDS'],
  ...['DATABASE_TIMEOUT_SECONDS', 'DATABASE_URL', 'DATABASE_URL_FILE'],
  ...['DATA_DIR', 'DEMO', 'HOST', 'LEDGER_DIR', 'LOG_LEVEL', 'METRICS_PORT'],
  ...['OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_CLIENT_SECRET_FILE', 'OIDC_ISSUER'],
  ...['OIDC_NAME', 'OIDC_VOUCHES_FOR_ALL'],
  ...['PORT', 'PUBLIC_URL', 'RATE_LIMIT_PER_SECOND'],
  ...[
    'S3_BUCKET',
    'S3_ENDPOINT',
    'S3_FORCE_PATH_STYLE',
    'S3_PREFIX',
    'S3_PUBLIC_ENDPOINT',
    'S3_REGION',
  ],
  ...['SEAL_AFTER_SECONDS', 'SECRET', 'SECRET_FILE', 'TRUST_PROXY'],
  ...['WEBHOOK_DISABLE_AFTER_SECONDS', 'WEBHOOK_RETRY_SECONDS'],
];
/** Prefixes that only settings of Colloquy have. */
const PREFIXES = /^(S3|OIDC|WEBHOOK)_/;
const MAX_DISTANCE = 2;
/** Shorter names are close to many others. */
const MIN_LENGTH = 5;

/** Never shows a value of an unknown setting, which may be a secret. */
export function checkSettings(environment?: NodeJS.ProcessEnv): {
  config: Config;
  findings: Finding[];
} {
  const { config, problems, names } = readSettings(environment);
  const given = names.filter((name) => SETTINGS.includes(name));
  const findings = [
    ...problems.map((problem) =>
      failed(problem, 'Correct the setting; docs/configuration.md lists the values of each.'),
    ),
    ...names.flatMap((name) => describeUnknown(name) ?? []),
  ];
  if (problems.length === 0) findings.unshift(ok(`${given.length} settings are given and valid`));
  return { config, findings };
}

function describeUnknown(name: string): Finding | null {
  if (SETTINGS.includes(name)) return null;
  const [closest = ''] = [...SETTINGS].sort((a, b) => distance(name, a) - distance(name, b));
  const isClose =
    name.length >= MIN_LENGTH &&
    (distance(name, closest) <= MAX_DISTANCE || name.toUpperCase() === closest);
  if (!isClose && !PREFIXES.test(name)) return null;
  return warning(
    `${name} is no setting and has no effect`,
    `Did you mean ${closest}? Rename the variable or remove it.`,
  );
}

const distance = (name: string, setting: string) => leven(name.toUpperCase(), setting);
