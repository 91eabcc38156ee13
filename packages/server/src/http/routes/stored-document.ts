import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A text that is the same for everybody, ready to be sent. */
export interface StoredDocument {
  readonly type: string;
  readonly text: Buffer;
  readonly zipped: Buffer;
  /** The text's hash, fit for a URL. */
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

/** Kept but asked about each time; or kept for ever, at a URL that names the content. */
export type Keeping = 'revalidate' | 'immutable';

const CACHE_CONTROL: Readonly<Record<Keeping, string>> = {
  revalidate: 'public, no-cache',
  immutable: 'public, max-age=31536000, immutable',
};

/** Sends a document, or 304 to a client that holds it already. */
export function sendDocument(
  document: StoredDocument,
  request: FastifyRequest,
  reply: FastifyReply,
  keeping: Keeping = 'revalidate',
): FastifyReply {
  // Weak: the zipped form is the same text, not the same bytes.
  const etag = `W/"${document.hash}"`;
  reply
    .header('ETag', etag)
    .header('Vary', 'Accept-Encoding')
    .header('Cache-Control', CACHE_CONTROL[keeping]);
  if (holdsAlready(request.headers['if-none-match'], document.hash)) return reply.code(304).send();
  reply.header('Content-Type', document.type).header('X-Content-Type-Options', 'nosniff');
  if (!takesGzip(request.headers['accept-encoding'])) return reply.send(document.text);
  return reply.header('Content-Encoding', 'gzip').send(document.zipped);
}

function holdsAlready(ifNoneMatch: string | undefined, hash: string): boolean {
  const held = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return held.includes('*') || held.includes(`"${hash}"`);
}

function takesGzip(acceptEncoding: string | undefined): boolean {
  return (acceptEncoding ?? '')
    .split(',')
    .some((coding) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(coding));
}
