import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../../context.ts';
import { PAGE_HEADERS } from './page-headers.ts';

const BUILT = fileURLToPath(new URL('../../../../console/dist/', import.meta.url));
const PAGES = ['/', '/sign-in', '/join', '/account', '/b/*'];

/** Failed conditions and ranges of static files; these answers have no body. */
const EMPTY_STATUSES: ReadonlyMap<unknown, number> = new Map(
  [412, 416].map((status) => [status, status]),
);

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
      console.get(url, (_request, reply) =>
        reply
          // The nonce is valid for this answer only.
          .headers({ 'Cache-Control': 'no-store', 'Content-Type': 'text/html; charset=utf-8' })
          .send(
            html.replace(
              '<meta name="style-nonce" content="">',
              `<meta name="style-nonce" content="${reply.cspNonce.style}">`,
            ),
          ),
      );
    }
    console.setErrorHandler((error, _request, reply) => {
      const status = EMPTY_STATUSES.get((error as { status?: unknown }).status);
      if (status === undefined) throw error;
      return reply.code(status).send();
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
        const isLasting = path.includes('/assets/');
        reply.header(
          'Cache-Control',
          isLasting ? 'public, max-age=31536000, immutable' : 'public, no-cache',
        );
      },
    });
  });
  return true;
}

function policy({ blobs }: Context) {
  const store = blobs.origin === null ? [] : [blobs.origin];
  return {
    enableCSPNonces: true,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'", ...store],
        'media-src': ["'self'", 'blob:', ...store],
        'base-uri': ["'self'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    ...PAGE_HEADERS,
  } as const;
}
