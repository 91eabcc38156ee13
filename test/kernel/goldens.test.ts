import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GOLDENS, type Golden, goldenUrl, makeGoldens } from '../goldens.ts';
import { testDatabase } from '../servers/test-server.ts';

const closing = new AsyncDisposableStack();
let goldens: Record<Golden, string>;

beforeAll(async () => {
  const { connection } = closing.use(await testDatabase());
  const client = new pg.Client(connection);
  await client.connect();
  closing.defer(() => client.end());
  goldens = await makeGoldens(client);
});
afterAll(() => closing.disposeAsync());

describe('goldens', () => {
  it.each(GOLDENS)('the golden %s is up to date', async (name) => {
    const kept = await readFile(goldenUrl(name), 'utf8').catch(() => '');
    expect(
      kept === goldens[name],
      `packages/server/goldens/${name} differs at line ${firstDifference(kept, goldens[name])}; run npm run goldens and review the diff`,
    ).toBe(true);
  });
});

function firstDifference(kept: string, made: string): number {
  const lines = kept.split('\n');
  return made.split('\n').findIndex((line, index) => line !== lines[index]) + 1;
}
