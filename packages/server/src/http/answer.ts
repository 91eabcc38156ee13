import { Readable } from 'node:stream';
import type { Op } from '@colloquy/wire';
import type { FastifyReply } from 'fastify';
import type { Answer } from '../access/handler.ts';
import { sendTagged } from './send-tagged.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const START = '{"Success":true,"Data":';

/** Sends what a handler answers. Texts go out as they are, streams as they come. */
export function sendAnswer(
  answer: Answer,
  reply: FastifyReply,
  { isTagged }: Pick<Op, 'isTagged'>,
): FastifyReply | Promise<FastifyReply> {
  reply.header('Cache-Control', 'private, no-store');
  if ('bytes' in answer) {
    return reply.header('Content-Type', answer.contentType).send(Readable.from(answer.bytes));
  }
  reply.header('Content-Type', JSON_TYPE);
  if ('stream' in answer) return reply.send(Readable.from(wrapped(answer.stream)));
  if ('setCookies' in answer) {
    for (const cookie of answer.setCookies ?? []) reply.header('Set-Cookie', cookie);
  }
  const text = 'json' in answer ? answer.json : JSON.stringify(answer.data);
  // As bytes: a text would be measured first and then put into bytes by the socket.
  const body = Buffer.from(`${START}${text}}`);
  return isTagged ? sendTagged(body, reply) : reply.code(answer.status ?? 200).send(body);
}

async function* wrapped(stream: AsyncIterable<string>): AsyncGenerator<Buffer> {
  yield Buffer.from(START);
  for await (const text of stream) yield Buffer.from(text);
  yield Buffer.from('}');
}
