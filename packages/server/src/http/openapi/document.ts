import { API_INTRODUCTION, API_SUMMARY, type Op, ops, TAGS } from '@colloquy/wire';
import { GROUND_RULES } from './op-facts.ts';
import { operationObjects } from './operation.ts';
import { plainPaths } from './plain-routes.ts';
import { failureResponse, HEADER_COMPONENTS } from './responses.ts';
import { type JsonObject, schemaComponents } from './schemas.ts';

const ALL_TAGS = { ...TAGS, Health: 'The state of the server, next to the API and without a key' };

export function buildOpenApi(version: string): JsonObject {
  const rules = GROUND_RULES.map(({ title, text }) => `## ${title}\n\n${text}`);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Colloquy API',
      version,
      summary: API_SUMMARY,
      description: [API_INTRODUCTION, ...rules].join('\n\n'),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1', description: 'This server' }],
    tags: Object.entries(ALL_TAGS).map(([name, description]) => ({ name, description })),
    // Viewers use the first scheme; with Bearer, readers enter only the key.
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
          description: 'The API key alone, sent as `Bearer <API key>`, which is also accepted',
        },
        Session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'colloquy.session_token',
          description:
            'The cookie that `SignIn` sets (`__Secure-colloquy.session_token` over HTTPS); a change also needs `X-CSRF-Token`',
        },
      },
      headers: HEADER_COMPONENTS,
      responses: { MethodNotAllowed: failureResponse('Request', 405, ['METHOD_NOT_ALLOWED']) },
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
