import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../../context.ts';
import { pageHeaders } from './page-headers.ts';
import { CACHE_CONTROL } from './stored-document.ts';

const BUILT = fileURLToPath(new URL('../../../../console/dist/', import.meta.url));
const PAGES = ['/', '/sign-in', '/join', '/account', '/b/*'];

/** Returns false if the console is not built. */
export async function addConsole(app: FastifyInstance, ctx: Context): Promise<boolean> {
  const page = await readFile(`${BUILT}index.html`, 'utf8').catch(() => null);
  if (page === null) return false;
  const prefix = ctx.config.publicUrl === null ? '' : new URL(ctx.config.publicUrl).pathname;
  const base = `${prefix.replace(/\/+$/, '')}/`;
  const html = page.replace('<base href="/">', `<base href="${base}">`);
  await app.register(async (console) => {
    await console.register(helmet, policy(ctx));
    for (const url of PAGES) {
      console.get(url, (_request, reply) => {
        const nonce = `<meta name="style-nonce" content="${reply.cspNonce.style}">`;
        return reply
          .headers({ 'Cache-Control': 'no-store', 'Content-Type': 'text/html; charset=utf-8' })
          .send(html.replace('<meta name="style-nonce" content="">', nonce));
      });
    }
    console.setErrorHandler((error, _request, reply) => {
      const { status } = error as { status?: unknown };
      if (status === 412 || status === 416) return reply.code(status).send();
      throw error;
    });
    await console.register(files, {
      root: BUILT,
      wildcard: false,
      index: false,
      preCompressed: true,
      globIgnore: ['index.html', '**/*.br', '**/*.gz'],
      cacheControl: false,
      setHeaders: (reply, path) => {
        // Names in assets/ contain a hash of the content.
        const policy = path.includes('/assets/') ? 'immutable' : 'revalidate';
        reply.header('Cache-Control', CACHE_CONTROL[policy]);
      },
    });
  });
  return true;
}

function policy({ blobs }: Context) {
  const store = blobs.origin === null ? [] : [blobs.origin];
  return {
    enableCSPNonces: true,
    ...pageHeaders({
      'script-src': ["'self'"],
      'style-src': ["'self'"],
      'img-src': ["'self'", 'data:'],
      'font-src': ["'self'"],
      'connect-src': ["'self'", ...store],
      'media-src': ["'self'", 'blob:', ...store],
      'base-uri': ["'self'"],
      'form-action': ["'self'"],
    }),
    referrerPolicy: { policy: 'no-referrer' },
  } as const;
}
