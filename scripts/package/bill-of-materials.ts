import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface Component {
  readonly 'bom-ref': string;
  readonly [field: string]: unknown;
}
interface Edges {
  readonly ref: string;
  readonly dependsOn: readonly string[];
}
interface Sbom {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly Edges[];
}

interface Packed {
  /** The repository. */
  readonly root: string;
  /** The package, with the lock file of what npm installs with it. */
  readonly folder: string;
  /** Folders of the dependencies that are compiled into the server. */
  readonly compiled: readonly string[];
  readonly nodeVersion: string;
}

const run = promisify(execFile);

/**
 * The software bill of materials (SBOM) of a package, in CycloneDX: the dependencies that npm installs with it, those
 * that are compiled into it, and Node.
 */
export async function describeParts({ root, folder, compiled, nodeVersion }: Packed) {
  const [installed, repository] = await Promise.all([readSbom(folder), readSbom(root)]);
  const { name } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const edges = new Map(repository.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  const bundled = new Set([
    ...(await Promise.all(compiled.map(referenceOf))),
    ...(await consoleParts(root, edges)),
  ]);
  const node = {
    'bom-ref': `node@${nodeVersion}`,
    type: 'platform',
    name: 'node',
    version: nodeVersion,
    scope: 'required',
    purl: `pkg:npm/node@${nodeVersion}`,
  };
  const components = new Map(
    [
      ...repository.components.filter((component) => bundled.has(component['bom-ref'])),
      ...installed.components,
      node,
    ].map((component) => [component['bom-ref'], component]),
  );
  const missing = [...bundled].filter((reference) => !components.has(reference));
  if (missing.length > 0) throw new Error(`package-lock.json does not have ${missing.join(', ')}`);
  // npm takes the name of the folder.
  const component = { ...installed.metadata.component, name };
  const own = component['bom-ref'];
  for (const { ref, dependsOn } of installed.dependencies) edges.set(ref, dependsOn);
  edges.set(own, [...new Set([...(edges.get(own) ?? []), ...bundled, node['bom-ref']])]);
  const dependencies = [own, ...components.keys()].map((ref) => ({
    ref,
    dependsOn: (edges.get(ref) ?? []).filter((other) => components.has(other)),
  }));
  const metadata = { ...installed.metadata, component };
  return { ...installed, metadata, components: [...components.values()], dependencies };
}

async function readSbom(folder: string): Promise<Sbom> {
  const options = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  const { stdout } = await run('npm', ['sbom', ...options, '--package-lock-only'], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout);
}

async function referenceOf(folder: string): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  return `${name}@${version}`;
}

/** The dependencies that Vite can compile into the console, without its build tools. */
async function consoleParts(
  root: string,
  edges: ReadonlyMap<string, readonly string[]>,
): Promise<string[]> {
  const seen = new Set([await referenceOf(join(root, 'packages/console'))]);
  // The loop also visits references that it adds to the set.
  for (const reference of seen) {
    const wanted = edges.get(reference) ?? [];
    const [, workspace] = WORKSPACE.exec(reference) ?? [];
    for (const other of workspace ? await ofRunTime(root, workspace, wanted) : wanted)
      seen.add(other);
  }
  return [...seen].filter((reference) => !WORKSPACE.test(reference));
}

const WORKSPACE = /^@colloquy\/([^@]+)@/;

async function ofRunTime(root: string, workspace: string, references: readonly string[]) {
  const path = join(root, 'packages', workspace, 'package.json');
  const { dependencies = {} } = JSON.parse(await readFile(path, 'utf8'));
  return references.filter((one) => one.slice(0, one.lastIndexOf('@')) in dependencies);
}
