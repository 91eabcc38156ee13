import type { InputOf, OpName, OutputOf } from '@colloquy/sdk';
import {
  type QueryClient,
  type QueryKey,
  queryOptions,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { client } from './client.ts';

type Method = (input: object, options?: { signal?: AbortSignal }) => Promise<unknown>;

export const findMethod = (op: OpName): Method => {
  const name = `${op.charAt(0).toLowerCase()}${op.slice(1)}` as keyof typeof client;
  return client[name] as unknown as Method;
};

export function opQuery<N extends OpName>(op: N, input: InputOf<N>) {
  return queryOptions({
    queryKey: [op, input] as QueryKey,
    queryFn: ({ signal }) => findMethod(op)(input as object, { signal }) as Promise<OutputOf<N>>,
  });
}

interface OpOptions {
  /** Milliseconds. Only visible pages refresh. */
  readonly refetchInterval?: number | false;
  readonly enabled?: boolean;
  /** Keeps the previous data until the new data is loaded, if both are of the same business. */
  readonly keepPrevious?: boolean;
}

export function useOp<N extends OpName>(
  op: N,
  input: InputOf<N>,
  { keepPrevious = false, ...options }: OpOptions = {},
): UseQueryResult<OutputOf<N>> {
  return useQuery({
    ...opQuery(op, input),
    ...options,
    ...(keepPrevious && { placeholderData: ofSameBusiness(input) }),
  });
}

const ofSameBusiness =
  (input: unknown) =>
  <T>(previous: T | undefined, query?: { readonly queryKey: QueryKey }): T | undefined =>
    query && businessOf(query.queryKey[1]) === businessOf(input) ? previous : undefined;
const businessOf = (input: unknown): unknown => (input as { businessId?: number }).businessId;

export type Change = Pick<UseMutationResult, 'isPending' | 'error'>;

/** A change through the API. Reads in `changed` are refreshed after it. */
export function useChange<N extends OpName>(
  op: N,
  changed: readonly OpName[] = [],
): UseMutationResult<OutputOf<N>, Error, InputOf<N>> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: InputOf<N>) => findMethod(op)(input as object) as Promise<OutputOf<N>>,
    onSuccess: () => refreshReads(queries, changed),
  });
}

export const refreshReads = (queries: QueryClient, names: readonly OpName[]) =>
  Promise.all(names.map((name) => queries.invalidateQueries({ queryKey: [name] })));
