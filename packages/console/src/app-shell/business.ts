import type { OutputOf } from '@colloquy/sdk';
import type { QueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { client } from '../api/client.ts';
import { isRefused } from '../api/failure.ts';
import { opQuery, useOp } from '../api/use-op.ts';
import { type Kept, readKept } from '../ui/browser/use-local-storage.ts';

export type Business = OutputOf<'GetBusiness'>;
export type Module = keyof Business['Permissions'];

/** The business that was looked at last, where a visit begins. */
export const LAST_BUSINESS: Kept<number> = {
  key: 'business',
  first: 0,
  isValid: (value): value is number => Number.isSafeInteger(value),
};

/** Where a visit begins: the business looked at last, or else the first that can be used; null without any. */
export async function usableBusiness(queries: QueryClient): Promise<number | null> {
  const last = readKept(LAST_BUSINESS);
  if (last !== LAST_BUSINESS.first) {
    try {
      await queries.ensureQueryData(opQuery('GetBusiness', { businessId: last }));
      return last;
    } catch (error) {
      if (!isRefused(error)) throw error;
    }
  }
  return queries.fetchQuery({
    queryKey: ['GetMyBusinesses', 'usable'],
    queryFn: async ({ signal }) => {
      for await (const one of client.items('getMyBusinesses', { Limit: 50 }, { signal }))
        if (isUsable(one)) return one.BusinessId;
      return null;
    },
  });
}

type MyBusiness = OutputOf<'GetMyBusinesses'>['Items'][number];

export const isUsable = ({ IsDisabled, IsEditingEnabled }: MyBusiness): boolean =>
  !IsDisabled && IsEditingEnabled;

/** The number of the business that the address names. */
export function useBusinessId(): number {
  return useParams({ from: '/inside/b/$businessId' }).businessId;
}

/** The business of the page; it is there, because the page's route has asked for it. */
export function useBusiness(): Business {
  const { data } = useOp('GetBusiness', { businessId: useBusinessId() });
  if (!data) throw new Error('this page is of no business');
  return data;
}

/** Whether whoever looks may do what takes a type of permission of a module. */
export function useMay(): (module: Module, type: string) => boolean {
  const { Permissions } = useBusiness();
  return (module, type) => {
    const held: readonly string[] = Permissions[module] ?? [];
    return held.includes('Full') || held.includes(type);
  };
}
