import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { releaseChanges } from './changelog.ts';
import { checkVersion } from './version.ts';

const USAGE = `npm run release -- <version> [--dry-run]

Sets the version of all packages, gives the section "Unreleased" of CHANGELOG.md this version, packs the
server, writes its software bill of materials (SBOM), commits and tags. It pushes nothing.`;
const ROOT = resolve(import.meta.dirname, '../..');
const CHANGELOG = join(ROOT, 'CHANGELOG.md');
const execute = promisify(execFile);

let signalled: string | null = null;

async function run(program: string, ...args: string[]): Promise<string> {
  if (signalled !== null) throw new Error(`${signalled} arrived.`);
  return runAnyway(program, ...args);
}

async function runAnyway(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute(program, args, { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

const readManifest = async () => JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));

async function release(version: string, isDry: boolean): Promise<void> {
  const manifest = await readManifest();
  checkVersion(version, manifest.version);
  await checkRepository(version);
  const date = new Date().toISOString().slice(0, 10);
  const changelog = releaseChanges(await readFile(CHANGELOG, 'utf8'), version, date);
  const sbom = `colloquy-${version}.cdx.json`;
  if (isDry) {
    console.log(`Would release ${version} (now ${manifest.version}):
  set the version in package.json, packages/*/package.json, package-lock.json and the goldens
  rename the section "Unreleased" of CHANGELOG.md to "${version} (${date})"
  write colloquy-${version}.tgz and ${sbom}
  commit "chore: release ${version}" and tag v${version}`);
    return;
  }
  const head = await run('git', 'rev-parse', 'HEAD');
  // The step that runs ends first, so it cannot write after its changes were removed.
  const onSignal = (signal: string) => {
    signalled = signal;
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    await setVersion(version);
    await writeFile(CHANGELOG, changelog);
    await run('sh', 'scripts/build.sh');
    await run(process.execPath, 'scripts/package/package.ts', '--sbom', sbom);
    await run('git', 'commit', '--all', '--quiet', '--message', `chore: release ${version}`);
    await run('git', 'tag', '--annotate', `v${version}`, '--message', `Release ${version}`);
  } catch (error) {
    // The tree was clean, so this removes only what this script has changed.
    await runAnyway('git', 'reset', '--quiet', '--hard', head);
    for (const made of [`colloquy-${version}.tgz`, sbom])
      await rm(join(ROOT, made), { force: true });
    throw error;
  }
  console.log(`Released ${version}: colloquy-${version}.tgz and ${sbom}.
Publish it with: git push origin main v${version}`);
}

async function checkRepository(version: string): Promise<void> {
  const branch = await run('git', 'branch', '--show-current');
  if (branch !== 'main') throw new Error(`This is the branch ${branch}; switch to main.`);
  if ((await run('git', 'status', '--porcelain')) !== '') {
    throw new Error('The working tree has changes; commit or stash them.');
  }
  if ((await run('git', 'tag', '--list', `v${version}`)) !== '') {
    throw new Error(`The tag v${version} exists already; choose another version.`);
  }
}

async function setVersion(version: string): Promise<void> {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const all = ['--workspaces', '--include-workspace-root', '--allow-same-version'];
  const only = ['--no-git-tag-version', '--no-workspaces-update'];
  await run('npm', 'version', version, ...all, ...only, ...quiet);
  // Writes the versions of the packages into package-lock.json.
  await run('npm', 'install', '--package-lock-only', ...quiet);
  await run(process.execPath, 'test/goldens.ts', '--write');
}

try {
  const options = { 'dry-run': { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [version, ...more] = positionals;
  if (version === undefined || more.length > 0) throw new Error(`Give one version.\n\n${USAGE}`);
  await release(version, values['dry-run']);
} catch (error) {
  const { stderr, message } = error as Error & { stderr?: string };
  console.error(`Nothing was released: ${message}${stderr ? `\n${stderr}` : ''}`);
  process.exitCode = 1;
}
