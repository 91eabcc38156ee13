import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const COPIED_KEYS = ['name', 'version', 'description', 'license', 'type', 'dependencies'];

/**
 * Writes a package.json into the built folder, from which the package is packed. The workspace's package.json
 * names TypeScript sources, which Node does not run below node_modules.
 */
export async function completePackage(
  workspace: string,
  built: string,
  published: Record<string, unknown>,
): Promise<void> {
  const manifest = JSON.parse(await readFile(join(workspace, 'package.json'), 'utf8'));
  const kept = COPIED_KEYS.filter((key) => key in manifest).map((key) => [key, manifest[key]]);
  const complete = { ...Object.fromEntries(kept), ...published };
  await writeFile(join(built, 'package.json'), `${JSON.stringify(complete, null, 2)}\n`);
  await copyFile(join(workspace, 'README.md'), join(built, 'README.md'));
  await copyFile(join(workspace, '../../LICENSE'), join(built, 'LICENSE')).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
