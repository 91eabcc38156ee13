import type { FastifyInstance } from 'fastify';
import type { Context } from '../base/context.ts';
import { gone, openMedia } from '../recordings/media.ts';
import { checkMediaUrl } from '../recordings/media-url.ts';
import { isReleased } from '../recordings/unclaimed-blobs.ts';

/** Recordings of the local store, at the URLs that `mediaUrl` signs. They need no key. */
export function addMedia(app: FastifyInstance, ctx: Context): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/media/*',
    onRequest: (request, _reply, done) => {
      request.op = 'GetRecording';
      done();
    },
    handler: async (request, reply) => {
      const target = checkMediaUrl(ctx, request.raw.url ?? '');
      // What was let go of may still be there for a moment.
      if (await isReleased(ctx.db, target.businessId, target.blobKey)) throw gone();
      const { status, headers, stream } = await openMedia(
        ctx.blobs,
        target,
        request.headers.range,
        request.method === 'HEAD' ? 'HEAD' : 'GET',
      );
      reply.code(status).headers(headers);
      return reply.send(stream ?? '');
    },
  });
}
