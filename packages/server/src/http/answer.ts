import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Op } from '@colloquy/wire';
import type { FastifyReply } from 'fastify';
import type { Answer } from '../access/handler.ts';
import {
  isFull,
  joinBytesInTurns,
  MAX_CHUNK_CHARACTERS,
  slicesOf,
} from '../base/threads/text-bytes.ts';
import { isHeld } from './entity-tags.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const START = '{"Success":true,"Data":';

/** Bytes of a streamed answer after which its request is authorized again. */
const RECHECK_BYTES = 1024 * 1024;

/**
 * Sends what a handler answers. Texts go out as they are, streams as they come; a stream breaks off if
 * `confirm` refuses the request meanwhile.
 */
export async function sendAnswer(
  answer: Answer,
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
  if ('stream' in answer) {
    return reply.send(Readable.from(whileConfirmed(wrapped(answer.stream), confirm)));
  }
  if ('setCookies' in answer) {
    for (const cookie of answer.setCookies ?? []) reply.header('Set-Cookie', cookie);
  }
  const text = 'json' in answer ? answer.json : JSON.stringify(answer.data);
  // As bytes: a text would be measured first and then put into bytes by the socket.
  const body = isShort(text)
    ? Buffer.from(`${START}${typeof text === 'string' ? text : text.join('')}}`)
    : await joinBytesInTurns([START, ...(typeof text === 'string' ? [text] : text), '}']);
  if (isTagged && (await isHeld(body, reply))) {
    return reply.code(304).removeHeader('Content-Type').send();
  }
  return reply.code(answer.status ?? 200).send(body);
}

/** Whether it is encoded in one turn. */
function isShort(text: string | readonly string[]): boolean {
  const pieces = typeof text === 'string' ? [text] : text;
  return pieces.reduce((sum, { length }) => sum + length, 0) <= MAX_CHUNK_CHARACTERS;
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

async function* wrapped(stream: AsyncIterable<string>): AsyncGenerator<Buffer> {
  yield Buffer.from(START);
  for await (const text of stream) {
    for (const slice of slicesOf(text)) {
      yield Buffer.from(slice);
      // A socket that takes all at once would leave no turn to others.
      if (isFull(slice)) await setImmediate();
    }
  }
  yield Buffer.from('}');
}
