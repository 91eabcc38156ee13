import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { matchesNone } from '../../kernel/entity-tag.ts';

export interface StoredDocument {
  readonly type: string;
  readonly text: Buffer;
  readonly zipped: Buffer;
  readonly hash: string;
}

const compress = promisify(gzip);

export async function storeDocument(type: string, text: string): Promise<StoredDocument> {
  const bytes = Buffer.from(text);
  return {
    type,
    text: bytes,
    zipped: await compress(bytes),
    hash: createHash('sha256').update(bytes).digest('base64url').slice(0, 22),
  };
}

/** `immutable` is for URLs that contain a hash of the content. */
export const CACHE_CONTROL = {
  revalidate: 'public, no-cache',
  immutable: 'public, max-age=31536000, immutable',
} as const;

export function sendDocument(
  document: StoredDocument,
  request: FastifyRequest,
  reply: FastifyReply,
  policy: keyof typeof CACHE_CONTROL = 'revalidate',
): FastifyReply {
  // Weak, because both encodings share it.
  const etag = `W/"${document.hash}"`;
  reply
    .header('ETag', etag)
    .header('Vary', 'Accept-Encoding')
    .header('Cache-Control', CACHE_CONTROL[policy]);
  if (matchesNone(request.headers['if-none-match'], etag)) return reply.code(304).send();
  reply.header('Content-Type', document.type).header('X-Content-Type-Options', 'nosniff');
  if (!acceptsGzip(request.headers['accept-encoding'])) return reply.send(document.text);
  return reply.header('Content-Encoding', 'gzip').send(document.zipped);
}

function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return (acceptEncoding ?? '')
    .split(',')
    .some((coding) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(coding));
}
