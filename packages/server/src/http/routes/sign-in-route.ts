import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  type BrowserRedirect,
  CALLBACK_PATH,
  type SingleSignOn,
  START_PATH,
} from '../../access/sign-in/single-sign-on.ts';

export function addSingleSignOn(app: FastifyInstance, singleSignOn: SingleSignOn): void {
  const send = ({ location, setCookies }: BrowserRedirect, reply: FastifyReply) => {
    for (const cookie of setCookies) reply.header('Set-Cookie', cookie);
    return reply.header('Cache-Control', 'no-store').redirect(location, 302);
  };
  app.get(START_PATH, async (request, reply) => {
    const { to } = textsOf(request.query);
    return send(await singleSignOn.start(to), reply);
  });
  app.get(CALLBACK_PATH, async (request, reply) => {
    const query = textsOf(request.query);
    return send(await singleSignOn.finish(query, request.headers.cookie), reply);
  });
}

/** Repeated parameters are ignored. */
const textsOf = (query: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query as Record<string, unknown>).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
