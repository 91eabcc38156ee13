import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Op, OpName } from '@colloquy/wire';
import type { FastifyReply } from 'fastify';
import type { Answer, UncheckedJson } from '../access/authorization/call.ts';
import {
  encodeInTurns,
  isFull,
  MAX_CHUNK_CHARACTERS,
  slicesOf,
} from '../kernel/threads/text-bytes.ts';
import { isHeld } from './entity-tags.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const START = '{"Success":true,"Data":';

const MIN_FREED_BYTES = 256 * 1024;
/** Bytes of a streamed answer after which its request is authorized again. */
const RECHECK_BYTES = 1024 * 1024;

/**
 * Sends what a handler answers. Texts go out as they are, streams as they come; a stream breaks off if
 * `confirm` refuses the request meanwhile.
 */
export async function sendAnswer(
  answer: Answer<OpName>,
  reply: FastifyReply,
  { isTagged }: Pick<Op, 'isTagged'>,
  confirm: () => Promise<void>,
): Promise<FastifyReply> {
  reply.header('Cache-Control', 'private, no-store');
  if ('bytes' in answer) {
    return reply
      .header('Content-Type', answer.contentType)
      .send(Readable.from(whileConfirmed(answer.bytes, confirm)));
  }
  reply.header('Content-Type', JSON_TYPE);
  const text = 'data' in answer ? JSON.stringify(answer.data) : answer.uncheckedJson;
  if (isStreamed(text)) {
    return reply.send(Readable.from(whileConfirmed(wrapped(text), confirm)));
  }
  if ('data' in answer) {
    for (const cookie of answer.setCookies ?? []) reply.header('Set-Cookie', cookie);
  }
  const pieces = typeof text === 'string' ? [START, text, '}'] : [START, ...text, '}'];
  // As bytes: a text would be measured first and then put into bytes by the socket.
  const body = isShort(pieces) ? [Buffer.from(pieces.join(''))] : await encodeInTurns(pieces);
  if (isTagged && (await isHeld(body, reply))) {
    giveBack(body);
    return reply.code(304).removeHeader('Content-Type').send();
  }
  reply.code(answer.status ?? 200);
  const [only] = body;
  if (only && body.length === 1) return reply.send(only);
  const length = body.reduce((sum, { byteLength }) => sum + byteLength, 0);
  reply.raw.once('close', () => giveBack(body));
  return reply.header('Content-Length', length).send(Readable.from(body));
}

const isStreamed = (
  text: UncheckedJson['uncheckedJson'],
): text is AsyncIterable<string | Uint8Array> =>
  typeof text === 'object' && Symbol.asyncIterator in text;

/**
 * Frees what has been sent, or will not be: by the time V8 looks for it there would be hundreds of MiB, and
 * to look takes as long as ten requests. Small buffers share their memory with others.
 */
function giveBack(body: readonly Uint8Array[]): void {
  for (const buffer of new Set(body.map((piece) => piece.buffer))) {
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < MIN_FREED_BYTES) continue;
    try {
      buffer.transfer(0);
    } catch {
      // What Node has made of a text cannot be given back; V8 finds it.
    }
  }
}

/** Whether it is encoded in one turn. */
function isShort(pieces: readonly (string | Uint8Array)[]): pieces is readonly string[] {
  const isText = pieces.every((piece) => typeof piece === 'string');
  return isText && pieces.reduce((sum, { length }) => sum + length, 0) <= MAX_CHUNK_CHARACTERS;
}

async function* whileConfirmed(
  chunks: AsyncIterable<Uint8Array>,
  confirm: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of chunks) {
    sent += chunk.byteLength;
    if (sent > RECHECK_BYTES) {
      await confirm();
      sent = 0;
    }
    yield chunk;
  }
}

async function* wrapped(stream: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(START);
  for await (const text of stream) {
    if (typeof text !== 'string') {
      yield text;
      await setImmediate();
      continue;
    }
    for (const slice of slicesOf(text)) {
      yield Buffer.from(slice);
      // A socket that takes all at once would leave no turn to others.
      if (isFull(slice)) await setImmediate();
    }
  }
  yield Buffer.from('}');
}
