import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { describeParts } from './bill-of-materials.ts';
import { buildSources, INSTALLED } from './build-sources.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** The workspaces that run on a server. The console is built. */
const PACKAGED = ['cli', 'csv', 'embedded-postgres', 'phone-numbers', 'sdk', 'server', 'wire'];
/** The platforms for which npm has the Node of this repository. Others use their own. */
const NODE_PLATFORMS = ['linux-x64', 'linux-arm64'];
/** What the server reads at run time, besides its sources. */
const COPIED = [
  ...['LICENSE', 'README.md', 'CHANGELOG.md', 'docs', 'samples/demo', 'samples/README.md'],
  ...['samples/licences', 'packages/console/dist', 'packages/server/migrations'],
  'packages/server/src/http/guide/guide.css',
];

const run = promisify(execFile);
const readJson = async (path: string) => JSON.parse(await readFile(join(ROOT, path), 'utf8'));

/** Writes `colloquy-<version>.tgz` into a folder, and its bill of materials if `sbom` names a file. Returns its path. */
async function makePackage(destination: string, sbom: string | undefined): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-package-'));
  try {
    const compiled = await buildSources(ROOT, folder);
    for (const path of COPIED) await cp(join(ROOT, path), join(folder, path), { recursive: true });
    const nodeVersion = await writeManifest(folder);
    await writeCommand(folder, nodeVersion);
    await resolveDependencies(folder);
    if (sbom !== undefined) {
      const parts = await describeParts({ root: ROOT, folder, compiled, nodeVersion });
      await writeFile(sbom, `${JSON.stringify(parts, null, 2)}\n`);
    }
    await pinDependencies(folder);
    await mkdir(destination, { recursive: true });
    const args = ['pack', folder, '--json', '--pack-destination', destination];
    const { stdout } = await run('npm', args, { maxBuffer: 64 * 1024 * 1024 });
    const [packed] = Object.values(JSON.parse(stdout)) as { filename: string }[];
    return join(destination, `${packed?.filename}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeManifest(folder: string): Promise<string> {
  const { name, version, description, license, type, devDependencies } =
    await readJson('package.json');
  const workspaces = await Promise.all(
    PACKAGED.map((it) => readJson(`packages/${it}/package.json`)),
  );
  const wanted = workspaces.flatMap(({ dependencies }) => Object.entries(dependencies ?? {}));
  const dependencies = Object.fromEntries(
    wanted.filter(([dependency]) => INSTALLED.includes(dependency)).sort(),
  );
  const manifest = {
    ...{ name, version, description, license, type },
    bin: { colloquy: 'bin/colloquy' },
    engines: { node: '>=20' },
    dependencies,
    optionalDependencies: Object.fromEntries(
      NODE_PLATFORMS.map((platform) => [`node-${platform}`, devDependencies.node]),
    ),
  };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return devDependencies.node;
}

async function writeCommand(folder: string, nodeVersion: string): Promise<void> {
  await mkdir(join(folder, 'bin'));
  const script = await readFile(join(import.meta.dirname, 'colloquy.sh'), 'utf8');
  await writeFile(join(folder, 'bin/colloquy'), script.replace('NODE_VERSION', nodeVersion));
  await chmod(join(folder, 'bin/colloquy'), 0o755);
  await copyFile(join(ROOT, 'scripts/server-flags.sh'), join(folder, 'bin/server-flags.sh'));
}

/** Writes a package-lock.json with the versions of the repository's, which are tested. */
async function resolveDependencies(folder: string): Promise<void> {
  const lock = await readJson('package-lock.json');
  const { '': _, ...packages } = lock.packages as Record<string, object>;
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const seed = Object.entries(packages).filter(
    ([place, entry]) => place.startsWith('node_modules/') && !('link' in entry),
  );
  const seeded = { ...lock, packages: { '': manifest, ...Object.fromEntries(seed) } };
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(seeded));
  const flags = ['--package-lock-only', '--ignore-scripts', '--prefer-offline', '--no-audit'];
  await run('npm', ['install', ...flags], { cwd: folder });
}

/**
 * Names the dependencies of dependencies too. npm ignores an npm-shrinkwrap.json of a tarball that does not come
 * from a registry. If two versions of a package are needed, npm chooses the second one.
 */
async function pinDependencies(folder: string): Promise<void> {
  const path = join(folder, 'package.json');
  const lockPath = join(folder, 'package-lock.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  const resolved = JSON.parse(await readFile(lockPath, 'utf8'));
  await rm(lockPath);
  for (const [place, { version, optional }] of byDepth(resolved.packages)) {
    const name = place.split('node_modules/').at(-1) ?? '';
    if (name in manifest.dependencies || name in manifest.optionalDependencies) continue;
    manifest[optional ? 'optionalDependencies' : 'dependencies'][name] = version;
  }
  await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`);
}

interface Locked {
  readonly version: string;
  readonly optional?: boolean;
}

/** Without the package itself; the version that most packages use comes first. */
function byDepth(packages: Readonly<Record<string, Locked>>): [string, Locked][] {
  const depth = (place: string) => place.split('node_modules/').length;
  return Object.entries(packages)
    .filter(([place]) => place !== '')
    .sort(([a], [b]) => depth(a) - depth(b));
}

const { values } = parseArgs({
  options: { out: { type: 'string', default: ROOT }, sbom: { type: 'string' } },
});
console.log(await makePackage(resolve(values.out), values.sbom));
