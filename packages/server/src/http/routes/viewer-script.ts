import fastify from 'fastify';

/**
 * Asks its Fastify plugin, which has no API for the script: the viewer's package takes 240 MB. The npm package of
 * the server contains the script instead of the plugin (`scripts/package/build-sources.ts`).
 */
export async function viewerScript(): Promise<string> {
  const { default: viewer } = await import('@scalar/fastify-api-reference');
  await using host = fastify();
  await host.register(viewer, { routePrefix: '/viewer', configuration: { url: '/' } });
  const page = await host.inject('/viewer/');
  const path = /<script src="([^"]+)"/.exec(page.body)?.[1];
  const script = await host.inject(`/viewer/${path}`);
  if (script.statusCode !== 200) throw new Error('the viewer of the reference has no script');
  return script.body;
}
