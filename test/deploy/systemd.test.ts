import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { settingsRead } from '../fixtures/settings.ts';
import { ROOT } from '../servers/server-process.ts';

const run = promisify(execFile);
const UNIT = join(ROOT, 'deploy/systemd/colloquy.service');
/** Of 100; systemd calls up to 20 "OK". */
const MAX_EXPOSURE = 20;
const OF_NODE = ['NODE_ENV', 'NODE_COMPILE_CACHE'];

const lines = readFileSync(UNIT, 'utf8').matchAll(/^(\w+)=(.*)$/gm);
const entries = [...lines].map(([, key = '', value = '']) => ({ key, value }));
const valuesOf = (key: string) =>
  entries.filter((entry) => entry.key === key).map(({ value }) => value);
const environment = Object.fromEntries(
  valuesOf('Environment').map((line) => line.split(/=(.*)/, 2)),
);

const canAnalyze = (process.env.PATH ?? '')
  .split(delimiter)
  .some((folder) => existsSync(join(folder, 'systemd-analyze')));
if (!canAnalyze) console.log('Left out: the checks of systemd-analyze (Debian package systemd).');

describe('the unit of systemd', () => {
  test.runIf(canAnalyze)(
    'systemd-analyze accepts the unit and calls it well protected',
    async () => {
      const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', UNIT]);
      expect(stdout + stderr).toBe('');
      const threshold = `--threshold=${MAX_EXPOSURE}`;
      await run('systemd-analyze', ['security', '--offline=true', threshold, UNIT]);
    },
  );

  test('every variable of the unit is a setting', () => {
    const names = Object.keys(environment);
    expect(names).toContain('DATA_DIR');
    expect([...settingsRead(), ...OF_NODE]).toEqual(expect.arrayContaining(names));
  });

  test('the unit starts a script of the repository, which may write to its data and its cache', () => {
    const [folder = ''] = valuesOf('WorkingDirectory');
    const [shell, script = '', command] = valuesOf('ExecStart')[0]?.split(' ') ?? [];
    expect([shell, command]).toEqual(['/bin/sh', 'all']);
    expect(script.startsWith(`${folder}/`)).toBe(true);
    expect(existsSync(join(ROOT, script.slice(folder.length)))).toBe(true);
    expect(valuesOf('ProtectSystem')).toEqual(['strict']);
    expect(environment).toMatchObject({
      DATA_DIR: join('/var/lib', valuesOf('StateDirectory')[0] ?? ''),
      NODE_COMPILE_CACHE: join('/var/cache', valuesOf('CacheDirectory')[0] ?? ''),
    });
  });

  test('SIGTERM goes only to the server, which has time to finish requests and stop its database', () => {
    expect(valuesOf('KillMode')).toEqual(['mixed']);
    expect(Number(valuesOf('TimeoutStopSec')[0])).toBeGreaterThan(60);
    expect(valuesOf('User')).not.toEqual(['root']);
  });
});
