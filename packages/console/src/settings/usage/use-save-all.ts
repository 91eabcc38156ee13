import { writeCsv } from '@colloquy/csv';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client.ts';
import { saveText } from '../../ui/browser/save-file.ts';
import { formatCount } from '../../ui/text/count.ts';
import { type Usage, usageRows } from './usage-text.ts';

const PAGE = 100;
/** Bounds the memory of the browser. */
const MAX_BUSINESSES = 20_000;

/** Saves the usage of all businesses in a month, not only of those that the page shows. */
export function useSaveAll(month: string) {
  const [read, setRead] = useState(0);
  const saving = useMutation({
    mutationFn: async () => {
      setRead(0);
      const usages: Usage[] = [];
      const query = { From: month, To: month, Limit: PAGE };
      for await (const usage of client.items('listUsage', query)) {
        if (usages.length === MAX_BUSINESSES) {
          const limit = formatCount(MAX_BUSINESSES);
          throw new Error(`There are more than ${limit} businesses; use ListUsage of the API.`);
        }
        usages.push(usage);
        if (usages.length % PAGE === 0) setRead(usages.length);
      }
      saveText(writeCsv(usageRows(usages)), 'text/csv', `usage-${month}.csv`);
    },
  });
  return {
    save: () => saving.mutate(),
    isSaving: saving.isPending,
    progress: `${formatCount(read)} businesses…`,
    error: saving.error,
  };
}
