import type { OutputOf } from '@colloquy/sdk';
import { useParams } from '@tanstack/react-router';
import { useOp } from '../api/use-op.ts';
import type { Kept } from '../ui/kept.ts';

export type Business = OutputOf<'GetBusiness'>;
export type Module = keyof Business['Permissions'];

/** The business that was looked at last, where a visit begins. */
export const LAST_BUSINESS: Kept<number> = {
  key: 'business',
  first: 0,
  isValid: (value): value is number => Number.isSafeInteger(value),
};

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
