import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { callTable, inPlaceOfWire, wireValues } from '../sdk/call-table.ts';

/** The server that `npm run dev` of this package sends the API's requests to. */
const SERVER = 'http://127.0.0.1:8080';

/** Compresses each text file, so the server does not have to. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  // Earlier, other plugins may still change the bundle.
  async writeBundle({ dir = '' }, bundle) {
    const texts = Object.keys(bundle).filter((file) => /\.(js|css)$/.test(file));
    await Promise.all(
      texts.map(async (file) => {
        const text = await readFile(join(dir, file));
        await writeFile(join(dir, `${file}.br`), brotliCompressSync(text));
        await writeFile(join(dir, `${file}.gz`), gzipSync(text, { level: 9 }));
      }),
    );
  },
};

/**
 * Bundles only the parts of the contract that the page needs: the table of calls and names of
 * closed sets.
 */
const wire = () => inPlaceOfWire(() => `${callTable()}\n${wireValues()}`);

export default defineConfig({
  root: import.meta.dirname,
  // Relative URLs work below a prefix of a proxy; the page has the base.
  base: './',
  plugins: [react(), tailwindcss(), wire(), compressed],
  worker: { plugins: () => [wire()] },
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // data: URLs would need another policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
  server: { proxy: { '/api': SERVER, '/media': SERVER } },
});
