import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { answerParent } from './forked.ts';

/** A prepared statement, and the values of each of its requests. */
export interface BareList {
  readonly text: string;
  readonly values: readonly (readonly unknown[])[];
}

export interface BareServer {
  readonly connection: pg.ClientConfig;
  /** By name: `/lists/<name>/<index of the values>`. */
  readonly lists: Readonly<Record<string, BareList>>;
}

const DOCUMENT = {
  name: 'document',
  text: 'SELECT body FROM bench_documents WHERE id = $1',
};

/**
 * A minimal server without authentication, validation, routes and log: one statement and its answer
 * for `/documents/<id>` and `/lists/…`.
 */
async function serve({ connection, lists }: BareServer): Promise<{ port: number }> {
  const pool = new pg.Pool({ ...connection, max: 16 });
  const document = async (id: string) => {
    const { rows } = await pool.query<{ body: string }>({ ...DOCUMENT, values: [id] });
    return rows[0]?.body ?? '';
  };
  const list = async (name: string, index: number) => {
    const { text, values } = lists[name] ?? { text: '', values: [] };
    const { rows } = await pool.query<{ total: string; item: string }>({
      name,
      text,
      values: [...(values[index] ?? [])],
    });
    const items = rows.map(({ item }) => item).join(',');
    return `{"Success":true,"Data":{"Items":[${items}],"TotalCount":${rows[0]?.total}}}`;
  };
  const server = createServer((request, response) => {
    const [, kind, name = '', index] = (request.url ?? '').split('/');
    const answer = kind === 'documents' ? document(name) : list(name, Number(index));
    answer.then(
      (body) => {
        response.writeHead(200, {
          'Content-Type': 'application/json; charset=utf-8',
          'Content-Length': Buffer.byteLength(body),
        });
        response.end(body);
      },
      (error: unknown) => {
        const body = String(error);
        response.writeHead(500, { 'Content-Length': Buffer.byteLength(body) }).end(body);
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port };
}

answerParent(serve);
