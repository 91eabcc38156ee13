import type { OutputOf } from '@colloquy/sdk';
import type { QueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { client } from '../api/client.ts';
import { isForbidden } from '../api/failure.ts';
import { opQuery, useOp } from '../api/use-op.ts';
import { readStored, type StoredSetting } from '../ui/browser/use-local-storage.ts';

export type Business = OutputOf<'GetBusiness'>;
export type Module = keyof Business['Permissions'];

export const LAST_BUSINESS: StoredSetting<number> = {
  key: 'business',
  initial: 0,
  isValid: (value): value is number => Number.isSafeInteger(value),
};

export async function findUsableBusiness(queries: QueryClient): Promise<number | null> {
  const last = readStored(LAST_BUSINESS);
  if (last !== LAST_BUSINESS.initial) {
    try {
      await queries.ensureQueryData(opQuery('GetBusiness', { businessId: last }));
      return last;
    } catch (error) {
      if (!isForbidden(error)) throw error;
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

export function useBusinessId(): number {
  return useParams({ from: '/inside/b/$businessId' }).businessId;
}

export function useBusiness(): Business {
  const { data } = useOp('GetBusiness', { businessId: useBusinessId() });
  if (!data) throw new Error('the business of the page is not loaded');
  return data;
}

export function useMay(): (module: Module, type: string) => boolean {
  const { Permissions } = useBusiness();
  return (module, type) => {
    const held: readonly string[] = Permissions[module] ?? [];
    return held.includes('Full') || held.includes(type);
  };
}
