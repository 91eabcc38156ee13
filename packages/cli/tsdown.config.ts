import { defineConfig } from 'tsdown';
import { completePackage } from '../sdk/published-package.ts';

export default defineConfig({
  entry: 'src/main.ts',
  platform: 'node',
  target: 'node20',
  fixedExtension: false,
  dts: false,
  logLevel: 'warn',
  // Only what is ours goes into it; other people's packages are installed beside it.
  deps: { onlyBundle: [] },
  hooks: {
    'build:done': ({ options: { cwd, outDir } }) =>
      completePackage(cwd, outDir, {
        bin: { colloquy: './main.js' },
        engines: { node: '>=20' },
      }),
  },
});
