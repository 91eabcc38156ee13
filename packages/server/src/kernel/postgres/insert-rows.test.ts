import { expect, test } from 'vitest';
import type { Db } from './database.ts';
import { insertRows } from './insert-rows.ts';

const insert = insertRows('test.insert', 'things', ['name', 'at'], 'RETURNING name');

interface Sent {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Keeps what is sent, and returns the first value of each row. */
function recordingDb() {
  const sent: Sent[] = [];
  const db: Db = {
    rows: async <Row extends object>({ text }: { text: string }, values: readonly unknown[]) => {
      sent.push({ text, values });
      const names = values.slice(1).filter((_, at) => at % 2 === 0);
      return names.map((name) => ({ name })) as Row[];
    },
    row: () => Promise.reject(new Error('not used')),
  };
  return { db, sent };
}

test('any number of rows is added once, in order, with as many parameters as values', async () => {
  for (let count = 0; count <= 200; count += 1) {
    const { db, sent } = recordingDb();
    const rows = Array.from({ length: count }, (_, at) => [`row ${at}`, at]);
    expect(await insert(db, 7, rows)).toEqual(rows.map(([name]) => ({ name })));
    expect(sent.flatMap(({ values }) => values.slice(1))).toEqual(rows.flat());
    for (const { text, values } of sent) {
      const parameters = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number));
      expect(values[0]).toBe(7);
      expect(new Set(parameters)).toEqual(new Set(values.map((_, at) => at + 1)));
    }
  }
});

test('a row of two columns is one list of VALUES that begins with the business', async () => {
  const { db, sent } = recordingDb();
  await insert(db, 7, [
    ['a', 1],
    ['b', 2],
  ]);
  expect(sent.map(({ text }) => text)).toEqual([
    'INSERT INTO things (business_id, name, at) VALUES ($1, $2, $3), ($1, $4, $5) RETURNING name',
  ]);
});
