import { defineConfig, type UserConfig } from 'tsdown';
import { callTable, inPlaceOfWire } from './call-table.ts';
import { completePackage } from './published-package.ts';

const common = {
  entry: 'src/index.ts',
  platform: 'neutral',
  target: 'es2022',
  logLevel: 'warn',
} satisfies UserConfig;

export default defineConfig([
  {
    ...common,
    dts: false,
    plugins: [inPlaceOfWire(callTable)],
    hooks: {
      'build:done': ({ options: { cwd, outDir } }) =>
        completePackage(cwd, outDir, {
          main: './index.js',
          types: './index.d.ts',
          exports: { '.': { types: './index.d.ts', default: './index.js' } },
          sideEffects: false,
          engines: { node: '>=20' },
        }),
    },
  },
  {
    ...common,
    dts: { emitDtsOnly: true },
    clean: false,
  },
]);
