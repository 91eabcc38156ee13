import { defineConfig } from 'tsdown';
import { completePackage } from '../sdk/published-package.ts';

export default defineConfig({
  entry: 'src/main.ts',
  platform: 'node',
  target: 'node20',
  fixedExtension: false,
  dts: false,
  logLevel: 'warn',
  // Bundles only the packages of this repository; npm installs the others.
  deps: { onlyBundle: [] },
  hooks: {
    'build:done': ({ options: { cwd, outDir } }) =>
      completePackage(cwd, outDir, {
        bin: { colloquy: './main.js' },
        engines: { node: '>=20' },
      }),
  },
});
