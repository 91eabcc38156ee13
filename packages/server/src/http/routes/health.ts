import type { FastifyInstance } from 'fastify';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Context } from '../../context.ts';
import { databaseId, installationName } from '../../kernel/postgres/installation-store.ts';
import { type Authenticator, isLoopback } from '../authenticate.ts';

const { version } = packageJson;

export function addHealth(app: FastifyInstance, ctx: Context, authenticator: Authenticator): void {
  app.get('/healthz', async () => ({ Success: true, Data: { Status: 'Alive' } }));
  app.get('/readyz', async () => {
    const Installation = installationName(await databaseId(ctx.db));
    return { Success: true, Data: { Status: 'Ready', Version: version, Installation } };
  });
  app.get('/metrics', async (request, reply) => {
    if (!isLoopback(request)) await authenticator.requireAdmin(request, reply);
    reply.header('Content-Type', ctx.metrics.registry.contentType);
    return ctx.metrics.registry.metrics();
  });
}
