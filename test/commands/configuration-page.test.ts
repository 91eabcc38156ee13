import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../packages/server/src/commands/doctor/check-settings.ts';
import { type Config, ConfigError, readConfig } from '../../packages/server/src/config.ts';
import { settingsRead } from '../fixtures/settings.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');

const S3 = { S3_BUCKET: 'recordings' };
const OIDC = {
  OIDC_ISSUER: 'https://login.example.com',
  OIDC_CLIENT_ID: 'colloquy',
  OIDC_CLIENT_SECRET: 'a secret',
  OIDC_NAME: 'Example',
};
/** An accepted value for each setting without a default. */
const SAMPLES: Readonly<Record<string, string>> = {
  ...S3,
  ...OIDC,
  TRUST_PROXY: '10.0.0.1',
  DATABASE_URL: 'postgres://localhost/colloquy',
  LEDGER_DIR: '/ledger',
  METRICS_PORT: '9090',
  S3_ENDPOINT: 'http://localhost:9000',
  S3_PUBLIC_ENDPOINT: 'http://localhost:9001',
  S3_REGION: 'eu-central-1',
  S3_PREFIX: 'calls/',
  SECRET: 'x'.repeat(32),
  BOOTSTRAP_API_KEY: 'y'.repeat(32),
  RATE_LIMIT_PER_SECOND: '10',
};
/** Computed later from other settings, as the page says. */
const DERIVED: Readonly<Record<string, unknown>> = { PUBLIC_URL: null };

interface Row {
  readonly name: string;
  readonly values: string;
  readonly byDefault: string;
}

const rows: readonly Row[] = PAGE.split('\n').flatMap((line) => {
  const [, name, values, byDefault] = /^\| `([A-Z0-9_]+)` +\| (.*?) +\| (.*?) +\|/.exec(line) ?? [];
  return name && values && byDefault ? [{ name, values, byDefault }] : [];
});

function settingsBeside(name: string): Record<string, string> {
  // S3_ENDPOINT changes the default of S3_FORCE_PATH_STYLE.
  if (name === 'S3_ENDPOINT') return { ...S3, S3_FORCE_PATH_STYLE: '0' };
  if (name.startsWith('S3_') && name !== 'S3_BUCKET') return S3;
  return name === 'OIDC_VOUCHES_FOR_ALL' ? OIDC : {};
}

function settingsWith(name: string, value: string): Record<string, string> {
  if (name in OIDC) return OIDC;
  const secret = name === 'DATABASE_URL' ? { SECRET: SAMPLES.SECRET as string, DEMO: '1' } : {};
  return { ...settingsBeside(name), ...secret, [name]: value };
}

/** The values of `before` that differ in `after`; objects are compared by property. */
function changedValues(before: unknown, after: unknown): unknown[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const areObjects = [before, after].every(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  );
  if (!areObjects) return [before];
  const [from, to] = [before, after] as Record<string, unknown>[];
  return Object.keys(from ?? {}).flatMap((key) => changedValues(from?.[key], to?.[key]));
}

const isEmpty = (value: unknown) =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);

describe('docs/configuration.md', () => {
  it('docs/configuration.md has a row for each setting that the server reads, and no other', () => {
    const names = settingsRead().filter((name) => !name.endsWith('_FILE'));
    expect(rows.map(({ name }) => name).sort()).toEqual(names);
  });

  it('docs/configuration.md names the settings that can be in files', () => {
    const section = PAGE.split('## Secrets in files')[1]?.split('\n## ')[0] ?? '';
    const [sentence = ''] = section.split(' can be in files');
    const named = [...sentence.matchAll(/`(\w+)`/g)].map(([, name]) => `${name}_FILE`);
    const inFiles = settingsRead().filter((name) => name.endsWith('_FILE'));
    expect(named.sort()).toEqual(inFiles);
  });

  it('doctor knows each setting that the server reads, and no other', () => {
    expect([...SETTINGS].sort()).toEqual(settingsRead());
  });

  it.each(rows)('docs/configuration.md states the default of $name', ({ name, byDefault }) => {
    const unset: Config = readConfig(settingsBeside(name));
    if (name in DERIVED) {
      const given = readConfig({ [name]: 'http://example.com' });
      expect(changedValues(unset, given)).toEqual([DERIVED[name]]);
      return;
    }
    const value = /^`(.+)`$/.exec(byDefault)?.[1];
    if (value !== undefined) {
      expect(readConfig({ ...settingsBeside(name), [name]: value })).toEqual(unset);
      return;
    }
    expect(byDefault).toBe('none');
    const sample = SAMPLES[name];
    if (sample === undefined) throw new Error(`the test has no sample of ${name}`);
    const changed = changedValues(unset, readConfig(settingsWith(name, sample)));
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.every(isEmpty), `${name}: ${JSON.stringify(changed)}`).toBe(true);
  });

  it.each(rows)('docs/configuration.md states the accepted values of $name', ({ name, values }) => {
    const read = (value: string) => readConfig({ ...settingsBeside(name), [name]: value });
    const [, lowest, highest] = /^(\d+) to (\d+)$/.exec(values) ?? [];
    const choices = [...values.matchAll(/`(\w+)`/g)].map(([, choice = '']) => choice);
    if (lowest !== undefined && highest !== undefined) {
      expect(() => [read(lowest), read(highest)]).not.toThrow();
      expect(() => read(String(Number(highest) + 1))).toThrow(ConfigError);
      expect(() => read(String(Number(lowest) - 1))).toThrow(ConfigError);
    } else if (choices.length > 1) {
      for (const choice of choices) expect(() => read(choice)).not.toThrow();
      expect(() => read('other')).toThrow(ConfigError);
    }
  });
});
