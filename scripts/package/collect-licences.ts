import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rolldown } from 'tsdown';

/**
 * A plugin that writes the licences of the compiled dependencies, whose folders it adds to `folders`, into one file.
 */
export const collectLicences = (folders: Set<string>): Rolldown.Plugin => ({
  name: 'licences',
  generateBundle() {
    for (const id of this.getModuleIds()) {
      const folder = packageFolder(id);
      if (folder !== null) folders.add(folder);
    }
    const texts = [...folders].sort().map((folder) => describePackage(folder));
    this.emitFile({
      type: 'asset',
      fileName: 'THIRD-PARTY-LICENCES.txt',
      source: ['Dependencies that are compiled into this package:', ...texts].join('\n\n'),
    });
  },
});

/** `/…/node_modules/@scope/name` of a module; null for sources of this repository. */
const packageFolder = (id: string) =>
  /^(\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? null;

function describePackage(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`${'='.repeat(80)}\n${name} ${version} (${license})`, ...texts].join('\n\n');
}
