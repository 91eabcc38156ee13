import type { InputOf, OpName, OutputOf } from '@colloquy/sdk';
import {
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

export const methodOf = (op: OpName): Method => {
  const name = `${op.charAt(0).toLowerCase()}${op.slice(1)}` as keyof typeof client;
  return client[name] as unknown as Method;
};

/** A read of the API as a query; its key is the operation and what it is given. */
export function opQuery<N extends OpName>(op: N, input: InputOf<N>) {
  return queryOptions({
    queryKey: [op, input] as QueryKey,
    queryFn: ({ signal }) => methodOf(op)(input as object, { signal }) as Promise<OutputOf<N>>,
  });
}

interface OpOptions {
  /** Asked again after so many milliseconds, while the page is looked at. */
  readonly refetchInterval?: number | false;
  readonly enabled?: boolean;
  /** What is there stays until what is asked for instead has come, if both are of the same business. */
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

/** A change through the API; the reads named are asked again when it has succeeded. */
export function useChange<N extends OpName>(
  op: N,
  changed: readonly OpName[] = [],
): UseMutationResult<OutputOf<N>, Error, InputOf<N>> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: InputOf<N>) => methodOf(op)(input as object) as Promise<OutputOf<N>>,
    onSuccess: () =>
      Promise.all(changed.map((name) => queries.invalidateQueries({ queryKey: [name] }))),
  });
}
