import type { OpName } from '@colloquy/sdk';
import { QUEUE_STATUS } from '@colloquy/wire';
import { useQueries } from '@tanstack/react-query';
import { opQuery } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { formatCount } from '../../ui/text/count.ts';
import { type CallsSearch, toInboundFilter, toOutboundFilter } from '../search.ts';

type Status = (typeof QUEUE_STATUS.names)[number];

/** Less often than the list, because each count is a request. */
const REFRESH_MILLISECONDS = 30_000;

export function useStatusCounts(
  direction: 'outbound' | 'inbound',
  search: CallsSearch,
): Readonly<Record<Status, string>> {
  const businessId = useBusinessId();
  const counts = useQueries({
    queries: QUEUE_STATUS.names.map((status) => {
      const only = { ...search, status };
      const query =
        direction === 'outbound'
          ? opQuery('CountOutboundQueues', { businessId, ...toOutboundFilter(only) })
          : opQuery('CountInboundQueues', { businessId, ...toInboundFilter(only) });
      return { ...query, refetchInterval: REFRESH_MILLISECONDS } as ReturnType<
        typeof opQuery<OpName>
      > & { refetchInterval: number };
    }),
  });
  const texts = QUEUE_STATUS.names.map((status, at) => {
    const read = counts[at];
    const count = read && visibleData<unknown>(read);
    return [status, typeof count === 'number' ? formatCount(count) : '–'];
  });
  return Object.fromEntries(texts) as Record<Status, string>;
}
