import { type Op, ops } from '@colloquy/wire';
import { defineConfig, type UserConfig } from 'tsdown';
import { completePackage } from './published-package.ts';

/** What the client reads of an operation; its schemas would bring their library with them. */
function callTable(): string {
  const calls = Object.entries<Op>(ops).map(([key, op]) => {
    const { name, method, path, idempotent, takesIdempotencyKey } = op;
    const properties = Object.fromEntries(Object.keys(op.query.properties).map((it) => [it, {}]));
    const body = op.body === null || op.body === 'audio' ? op.body : {};
    // Whether it takes rows is enough: what is beside them in the input all goes into the query.
    const csv = op.csv && {};
    const read = { name, method, path, query: { properties }, body, idempotent };
    return [key, { ...read, csv, takesIdempotencyKey }];
  });
  return `export const ops = ${JSON.stringify(Object.fromEntries(calls))};`;
}

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
    plugins: [
      {
        name: 'call-table',
        resolveId: (id) => (id === '@colloquy/wire' ? '\0call-table' : null),
        load: (id) => (id === '\0call-table' ? callTable() : null),
      },
    ],
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
