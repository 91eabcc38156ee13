import { access } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { recordingsFolder } from '../../blobs/open-blobs.ts';
import { type Config, ConfigError } from '../../config.ts';
import { messageOf } from '../../kernel/start-error.ts';
import { checkDatabaseOf } from './check-database.ts';
import { checkFolder } from './check-folder.ts';
import { addressOf, checkPublicUrl } from './check-public-url.ts';
import { checkSettings } from './check-settings.ts';
import { type Finding, findingsOf } from './finding.ts';

const STATUS_WIDTH = 9;
const CHECK_WIDTH = 12;

/** Checks what a server needs, changes nothing, prints the findings, and returns the exit code. */
export async function doctor(
  args: readonly string[],
  say: (text: string) => void,
  environment?: NodeJS.ProcessEnv,
): Promise<number> {
  const asJson = readOptions(args);
  const findings = await examine(environment);
  const hasFailed = findings.some(({ status }) => status === 'failed');
  if (asJson) say(JSON.stringify({ Ok: !hasFailed, Checks: findings.map(toJson) }, null, 2));
  else say(findings.map(toText).join('\n'));
  return hasFailed ? 1 : 0;
}

function readOptions(args: readonly string[]): boolean {
  try {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
    return values.json ?? false;
  } catch (cause) {
    throw new ConfigError(`${messageOf(cause)}. The only option of doctor is --json.`, { cause });
  }
}

async function examine(environment?: NodeJS.ProcessEnv): Promise<Finding[]> {
  const { config, findings } = checkSettings(environment);
  if (findings.some(({ status }) => status === 'failed')) {
    const { warning } = findingsOf('others');
    const fix = 'Correct the settings first, and run this again.';
    return [...findings, warning('database, bucket and addresses were not checked', fix)];
  }
  if (await usesDataDir(config)) findings.push(...(await checkFolder('DATA_DIR', config.dataDir)));
  if (config.ledgerDir !== null) {
    findings.push(...(await checkFolder('LEDGER_DIR', config.ledgerDir)));
  }
  const database = await checkDatabaseOf(config);
  findings.push(...database.findings, ...(await bucketFindings(config)));
  findings.push(...(await checkPublicUrl(config, database)));
  return findings;
}

/** With a database, a secret and a bucket, a server uses the folder only for recordings made before the bucket. */
async function usesDataDir(config: Config): Promise<boolean> {
  if (config.databaseUrl === null || config.secret === null || config.s3 === null) return true;
  return access(recordingsFolder(config)).then(
    () => true,
    () => false,
  );
}

async function bucketFindings(config: Config): Promise<Finding[]> {
  if (config.s3 === null) {
    return [findingsOf('bucket').ok('none is set; recordings are in DATA_DIR')];
  }
  const { checkBucketOf } = await import('./check-bucket.ts');
  return checkBucketOf(config.s3, addressOf(config));
}

function toText({ status, check, message, fix }: Finding): string {
  const line = `${status.padEnd(STATUS_WIDTH)}${check.padEnd(CHECK_WIDTH)}${message}`;
  return fix === null ? line : `${line}\n${' '.repeat(STATUS_WIDTH)}fix: ${fix}`;
}

const toJson = ({ check, status, message, fix }: Finding) => ({
  Check: check,
  Status: status,
  Message: message,
  Fix: fix,
});
