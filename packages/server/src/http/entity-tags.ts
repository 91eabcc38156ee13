import { createHash, hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { matchesNone } from '../kernel/entity-tag.ts';

/** Hashing this much takes about 2 ms on a slow core. */
const TURN_BYTES = 1024 * 1024;

/** A strong ETag of this reader's bytes. Returns true if the client has this version. */
export async function applyEntityTag(body: readonly Uint8Array[], reply: FastifyReply) {
  const tag = `"${await hashInTurns(body)}"`;
  reply
    .header('ETag', tag)
    .header('Cache-Control', 'private, no-cache')
    .header('Vary', 'Authorization, Cookie');
  return matchesNone(reply.request.headers['if-none-match'], tag);
}

async function hashInTurns(body: readonly Uint8Array[]): Promise<string> {
  const [only] = body;
  if (only && body.length === 1 && only.length <= TURN_BYTES) {
    return hash('sha256', only, 'base64url');
  }
  const hashing = createHash('sha256');
  for (const piece of body) {
    for (let at = 0; at < piece.length; at += TURN_BYTES) {
      hashing.update(piece.subarray(at, at + TURN_BYTES));
      if (piece.length - at >= TURN_BYTES) await setImmediate();
    }
  }
  return hashing.digest('base64url');
}
