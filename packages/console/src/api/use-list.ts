import type { InputOf, OpName, OutputOf } from '@colloquy/sdk';
import { useInfiniteQuery } from '@tanstack/react-query';
import { findMethod } from './use-op.ts';

export type ListName = {
  [N in OpName]: OutputOf<N> extends { Items: unknown[]; NextCursor: string | null } ? N : never;
}[OpName];
type Page<N extends ListName> = OutputOf<N> & { Items: unknown[]; NextCursor: string | null };
export type ItemOf<N extends ListName> = Page<N>['Items'][number];

export interface List<Item> {
  readonly items: readonly Item[] | null;
  readonly error: unknown;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly loadMore: () => void;
  readonly refetch: () => void;
}

interface ListOptions<Item> {
  readonly enabled?: boolean;
  readonly refetchInterval?: (items: readonly Item[]) => number | false;
}

export function useList<N extends ListName>(
  op: N,
  input: Omit<InputOf<N>, 'NextCursor'>,
  { enabled = true, refetchInterval }: ListOptions<ItemOf<N>> = {},
): List<ItemOf<N>> {
  const query = useInfiniteQuery({
    queryKey: [op, 'list', input],
    queryFn: ({ pageParam, signal }) =>
      findMethod(op)(
        { ...input, ...(pageParam !== null && { NextCursor: pageParam }) },
        { signal },
      ) as Promise<Page<N>>,
    initialPageParam: null as string | null,
    getNextPageParam: ({ NextCursor }) => NextCursor,
    enabled,
    ...(refetchInterval && {
      refetchInterval: ({ state }: { state: { data?: { pages: Page<N>[] } | undefined } }) =>
        refetchInterval(itemsOf(state.data?.pages ?? [])),
    }),
  });
  return {
    items: query.data ? itemsOf(query.data.pages) : null,
    error: query.error,
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage(),
    refetch: () => void query.refetch(),
  };
}

const itemsOf = <N extends ListName>(pages: readonly Page<N>[]): ItemOf<N>[] =>
  pages.flatMap(({ Items }) => Items as ItemOf<N>[]);
