import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Op, OpName } from '@colloquy/wire';
import type { FastifyReply } from 'fastify';
import type { Answer, UncheckedJson } from '../access/authorization/call.ts';
import { matchesNone } from '../kernel/entity-tag.ts';
import {
  encodeInTurns,
  isFull,
  MAX_CHUNK_CHARACTERS,
  slicesOf,
} from '../kernel/threads/text-bytes.ts';
import { addEntityTag, entityTagOf } from './entity-tags.ts';
import { sendEvents } from './event-stream.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const START = '{"Success":true,"Data":';

/** Node writes a tiny text together with the headers, which is faster than bytes. */
const MAX_TINY_CHARACTERS = 1024;
const MIN_FREED_BYTES = 256 * 1024;
/** A streamed answer is authorized again after this many bytes. */
const RECHECK_BYTES = 1024 * 1024;

export async function sendAnswer(
  answer: Answer<OpName>,
  reply: FastifyReply,
  { isTagged }: Pick<Op, 'isTagged'>,
  reauthorize: () => Promise<void>,
): Promise<FastifyReply> {
  if ('events' in answer) return sendEvents(answer, reply);
  if ('notModified' in answer) return sendNotModified(answer.notModified, reply);
  reply.header('Cache-Control', 'private, no-store');
  if ('bytes' in answer) {
    return reply
      .header('Content-Type', answer.contentType)
      .send(Readable.from(whileAuthorized(answer.bytes, reauthorize)));
  }
  reply.header('Content-Type', JSON_TYPE);
  const text = 'data' in answer ? JSON.stringify(answer.data) : answer.uncheckedJson;
  if (isStreamed(text)) {
    return reply.send(Readable.from(whileAuthorized(wrapStream(text), reauthorize)));
  }
  if ('data' in answer) {
    for (const cookie of answer.setCookies ?? []) reply.header('Set-Cookie', cookie);
  }
  const pieces = typeof text === 'string' ? [START, text, '}'] : [START, ...text, '}'];
  if (!isTagged && isShort(pieces, MAX_TINY_CHARACTERS)) {
    return reply.code(answer.status ?? 200).send(pieces.join(''));
  }
  // Bytes: the socket would first measure a text and then encode it.
  const body = isShort(pieces, MAX_CHUNK_CHARACTERS)
    ? [Buffer.from(pieces.join(''))]
    : await encodeInTurns(pieces);
  if (isTagged) {
    const tag = ('entityTag' in answer && answer.entityTag) || (await entityTagOf(body));
    if (matchesNone(reply.request.headers['if-none-match'], tag)) {
      freeBuffers(body);
      return sendNotModified(tag, reply.removeHeader('Content-Type'));
    }
    addEntityTag(tag, reply);
  }
  reply.code(answer.status ?? 200);
  const [only] = body;
  if (only && body.length === 1) return reply.send(only);
  const length = body.reduce((sum, { byteLength }) => sum + byteLength, 0);
  reply.raw.once('close', () => freeBuffers(body));
  return reply.header('Content-Length', length).send(Readable.from(body));
}

const sendNotModified = (tag: string, reply: FastifyReply) =>
  addEntityTag(tag, reply).code(304).send();

const isStreamed = (
  text: UncheckedJson['uncheckedJson'],
): text is AsyncIterable<string | Uint8Array> =>
  typeof text === 'object' && Symbol.asyncIterator in text;

/** Garbage collection would let hundreds of MiB accumulate and takes as long as ten requests. */
function freeBuffers(body: readonly Uint8Array[]): void {
  for (const buffer of new Set(body.map((piece) => piece.buffer))) {
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < MIN_FREED_BYTES) continue;
    try {
      buffer.transfer(0);
    } catch {
      // Buffers that Node made from a string cannot be detached.
    }
  }
}

function isShort(
  pieces: readonly (string | Uint8Array)[],
  most: number,
): pieces is readonly string[] {
  const isText = pieces.every((piece) => typeof piece === 'string');
  return isText && pieces.reduce((sum, { length }) => sum + length, 0) <= most;
}

async function* whileAuthorized(
  chunks: AsyncIterable<Uint8Array>,
  reauthorize: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of chunks) {
    sent += chunk.byteLength;
    if (sent > RECHECK_BYTES) {
      await reauthorize();
      sent = 0;
    }
    yield chunk;
  }
}

async function* wrapStream(stream: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(START);
  for await (const text of stream) {
    if (typeof text !== 'string') {
      yield text;
      await setImmediate();
      continue;
    }
    for (const slice of slicesOf(text)) {
      yield Buffer.from(slice);
      // A socket that takes all at once leaves no turn to others.
      if (isFull(slice)) await setImmediate();
    }
  }
  yield Buffer.from('}');
}
