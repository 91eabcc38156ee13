import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Op, ops } from '@colloquy/wire';
import { defineConfig, type UserConfig } from 'tsdown';
import { writeManifest } from './published-manifest.ts';

/** What the client reads of an operation; its schemas would bring their library with them. */
function callTable(): string {
  const calls = Object.entries<Op>(ops).map(([key, op]) => {
    const { name, method, path, idempotent } = op;
    const properties = Object.fromEntries(Object.keys(op.query.properties).map((it) => [it, {}]));
    const body = op.body === null || op.body === 'audio' ? op.body : {};
    return [key, { name, method, path, query: { properties }, body, idempotent }];
  });
  return `export const ops = ${JSON.stringify(Object.fromEntries(calls))};`;
}

const common = {
  entry: 'src/index.ts',
  platform: 'neutral',
  target: 'es2022',
} satisfies UserConfig;

export default defineConfig([
  {
    ...common,
    dts: false,
    plugins: [
      {
        name: 'call-table',
        resolveId: (id) => (id === '@colloquy/wire' ? '\0call-table' : null),
        load: (id) => (id === '\0call-table' ? callTable() : null),
      },
    ],
    hooks: {
      'build:done': async ({ options: { outDir, cwd } }) => {
        await writeManifest(join(cwd, 'package.json'), outDir, {
          exports: { '.': { types: './index.d.ts', default: './index.js' } },
        });
        await copyFile(join(cwd, '../../LICENSE'), join(outDir, 'LICENSE'));
      },
    },
  },
  {
    ...common,
    // The types of the wire are made by its schema library: what they need of it is copied in.
    deps: { onlyBundle: ['typebox'] },
    dts: { emitDtsOnly: true },
    clean: false,
  },
]);
