import { useQuery } from '@tanstack/react-query';
import { client } from '../api/client.ts';
import { useBusinessId } from '../app-shell/business.ts';

/** Longer lists are checked by the server only, which checks every number anyway. */
const MAX_NUMBERS = 1_000;
const NONE: ReadonlySet<string> = new Set();

/** The first numbers of the do-not-call list, usually all; empty while loading. */
export function useDoNotCall(isWanted: boolean): ReadonlySet<string> {
  const businessId = useBusinessId();
  const { data } = useQuery({
    queryKey: ['GetDoNotCall', 'first', businessId],
    enabled: isWanted,
    queryFn: async ({ signal }) => {
      const numbers = new Set<string>();
      const items = client.items('getDoNotCall', { businessId, Limit: 100 }, { signal });
      for await (const { Number: number } of items) {
        if (numbers.add(number).size >= MAX_NUMBERS) break;
      }
      return numbers;
    },
  });
  return data ?? NONE;
}
