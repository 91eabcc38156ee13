import { type Op, ops } from '@colloquy/wire';
import { GROUND_RULES, INTRODUCTION, SUMMARY } from './ground-rules.ts';
import { operationObjects } from './openapi-operation.ts';
import { plainPaths } from './openapi-plain-routes.ts';
import { failureResponse, HEADER_COMPONENTS } from './openapi-responses.ts';
import { type JsonObject, schemaComponents } from './openapi-schemas.ts';

const TAGS: Readonly<Record<Op['tag'] | 'Health', string>> = {
  Conversations: 'Reading conversations, writing them whole or as they happen, erasing them',
  Recordings: 'What was said, as audio',
  Queues: 'Calls to be made, and what became of them',
  Analytics: 'Conversations and calls counted over time',
  Keeping: 'How long conversations are kept, and what holds them',
  People: 'Who one is, and what others may do in a business',
  Administration: 'Users, businesses and API keys; for admins',
  Health: 'For whoever runs the server; beside the API, without a key',
};

/** The OpenAPI 3.1 document, made from the very declarations that validate. */
export function buildOpenApi(version: string): JsonObject {
  const rules = GROUND_RULES.map(({ title, text }) => `## ${title}\n\n${text}`);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Colloquy API',
      version,
      summary: SUMMARY,
      description: [INTRODUCTION, ...rules].join('\n\n'),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1', description: 'This server' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    // Bearer first: viewers take the first, and with this one the key alone is what a reader gives.
    security: [{ Bearer: [] }, { Token: [] }, { Session: [] }],
    paths: { ...operationPaths(), ...plainPaths() },
    components: {
      securitySchemes: {
        Token: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'The word `Token`, a space and the API key: `Token <API key>`',
        },
        Bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'The API key alone; sent as `Bearer <API key>`, which is accepted too',
        },
        Session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'colloquy.session_token',
          description:
            'The cookie that `SignIn` sets (`__Secure-colloquy.session_token` over HTTPS); a change needs `X-CSRF-Token` too',
        },
      },
      headers: HEADER_COMPONENTS,
      responses: {
        MethodNotAllowed: failureResponse('Request', 405, ['METHOD_NOT_ALLOWED']),
      },
      schemas: schemaComponents(),
    },
  };
}

function operationPaths(): JsonObject {
  const declared: readonly Op[] = Object.values(ops);
  const byPath = Map.groupBy(declared, ({ path }) => path);
  return Object.fromEntries(
    [...byPath].map(([path, atPath]) => [path, Object.assign({}, ...atPath.map(operationObjects))]),
  );
}
