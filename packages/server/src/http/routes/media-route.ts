import type { FastifyInstance } from 'fastify';
import type { Context } from '../../context.ts';
import { goneFault, openMedia } from '../../recordings/media.ts';
import { findMediaTag } from '../../recordings/media-tag-store.ts';
import { checkMediaUrl } from '../../recordings/media-url.ts';

/** The URLs that `mediaUrl` signs need no key. */
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
      const tag = await findMediaTag(ctx.db, target.businessId, target.blobKey);
      // A released blob may still exist until the next sweep.
      if (tag === 'released') throw goneFault();
      const { range, 'if-range': ifRange, 'if-none-match': ifNoneMatch } = request.headers;
      const { status, headers, stream } = await openMedia(
        ctx.blobs,
        { ...target, tag },
        {
          range,
          ifNoneMatch,
          ifRange: ifRange === undefined ? undefined : String(ifRange),
          method: request.method === 'HEAD' ? 'HEAD' : 'GET',
        },
      );
      reply.code(status).headers(headers);
      return reply.send(stream ?? '');
    },
  });
}
