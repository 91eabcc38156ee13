import { expect, test } from 'vitest';
import { type CountedTables, startCounting } from './counts.ts';

test('usage is rolled up only for businesses whose changes wrote it', async () => {
  const rolledUp: string[] = [];
  const table = (name: string) => ({
    rollUp: async (_db: unknown, businessId: number) => {
      rolledUp.push(`${name} ${businessId}`);
    },
  });
  const tables: CountedTables = { ofChanges: [table('changes')], ofUsage: table('usage') };
  const none = { row: async () => null, transaction: async () => Promise.reject(new Error()) };
  const counting = startCounting(none as never, tables, (error) => {
    throw error;
  });
  counting.touched({ businessId: 1 });
  counting.touched({ businessId: 2 }, { hasUsage: true });
  counting.touched({ businessId: 2 });
  await counting.close();
  expect(rolledUp.sort()).toEqual(['changes 1', 'changes 2', 'usage 2']);
});
