import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import packageJson from '../../../package.json' with { type: 'json' };
import { publicKeys } from '../../kernel/certificate.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { addGuide } from '../guide/routes.ts';
import { buildOpenApi } from '../openapi/document.ts';
import { renderLlms } from '../openapi/llms.ts';
import { loadDocsViewer } from './docs-viewer.ts';
import { pageHeaders } from './page-headers.ts';
import { sendDocument, storeDocument } from './stored-document.ts';

const { version } = packageJson;

export async function addDocuments(app: FastifyInstance, secrets: Secrets): Promise<void> {
  const document = buildOpenApi(version);
  const openapi = await storeDocument('application/json; charset=utf-8', JSON.stringify(document));
  const llms = await storeDocument('text/plain; charset=utf-8', renderLlms(document));
  app.get('/openapi.json', (request, reply) => sendDocument(openapi, request, reply));
  app.get('/llms.txt', (request, reply) => sendDocument(llms, request, reply));
  app.get('/.well-known/jwks.json', async (_request, reply) => {
    reply.header('Cache-Control', 'public, max-age=3600');
    return publicKeys(secrets);
  });
  app.get('/docs/', (_request, reply) => reply.redirect('../docs', 302));
  await app.register(addPages);
  await addGuide(app);
}

/** Only pages get a Content-Security-Policy. */
async function addPages(pages: FastifyInstance): Promise<void> {
  const policy = pageHeaders({
    'script-src': ["'self'"],
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:', 'blob:'],
    'media-src': ["'self'", 'blob:'],
    'font-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
  });
  await pages.register(helmet, policy);
  pages.get('/docs', async (request, reply) =>
    sendDocument((await loadDocsViewer()).page, request, reply),
  );
  pages.get<{ Params: { file: string } }>('/docs/assets/:file', async (request, reply) => {
    const file = (await loadDocsViewer()).files.get(request.params.file);
    if (!file) throw new Fault('NOT_FOUND', 'There is no such file; load /docs again.');
    return sendDocument(file, request, reply, 'immutable');
  });
}
