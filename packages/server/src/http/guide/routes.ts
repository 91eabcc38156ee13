import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { lazy } from '../../kernel/lazy.ts';
import { pageHeaders } from '../routes/page-headers.ts';
import { sendDocument } from '../routes/stored-document.ts';
import { renderGuide } from './pages.ts';

const DOCS = fileURLToPath(new URL('../../../../../docs/', import.meta.url));

/** Serves `docs/` below `/docs/guide/`, if the folder is installed. */
export async function addGuide(app: FastifyInstance): Promise<void> {
  const paths = await readdir(DOCS, { recursive: true }).catch(() => []);
  const pages = paths.filter((path) => path.endsWith('.md')).sort();
  if (pages.length === 0) return;
  app.get('/docs/guide', (_request, reply) => reply.redirect('guide/', 302));
  await app.register((guide) => addPages(guide, pages));
}

async function addPages(app: FastifyInstance, paths: readonly string[]): Promise<void> {
  await app.register(helmet, POLICY);
  await app.register(files, {
    root: `${DOCS}images`,
    prefix: '/docs/guide/images/',
    wildcard: false,
    decorateReply: false,
    cacheControl: false,
    setHeaders: (reply) => reply.header('Cache-Control', 'public, no-cache'),
  });
  const guide = lazy(() => renderGuide(DOCS, paths));
  app.get<{ Params: { '*': string } }>('/docs/guide/*', async (request, reply) => {
    const { pages, stylesheet, renderMissing } = await guide();
    const path = request.params['*'];
    if (path === stylesheet.path) {
      return sendDocument(stylesheet.document, request, reply, 'immutable');
    }
    const page = pages.get(path);
    if (page) return sendDocument(page, request, reply);
    return reply.code(404).type('text/html; charset=utf-8').send(renderMissing(path));
  });
}

const POLICY = pageHeaders({
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
});
