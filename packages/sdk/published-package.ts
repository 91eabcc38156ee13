import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const KEPT = ['name', 'version', 'description', 'license', 'type', 'dependencies'];

/**
 * Makes the built folder a package of its own, to be packed from there. The one of the workspace
 * names its TypeScript sources, which Node runs everywhere but below node_modules.
 */
export async function completePackage(
  workspace: string,
  built: string,
  published: Record<string, unknown>,
): Promise<void> {
  const manifest = JSON.parse(await readFile(join(workspace, 'package.json'), 'utf8'));
  const kept = KEPT.filter((key) => key in manifest).map((key) => [key, manifest[key]]);
  const complete = { ...Object.fromEntries(kept), ...published };
  await writeFile(join(built, 'package.json'), `${JSON.stringify(complete, null, 2)}\n`);
  await copyFile(join(workspace, 'README.md'), join(built, 'README.md'));
  await copyFile(join(workspace, '../../LICENSE'), join(built, 'LICENSE')).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
