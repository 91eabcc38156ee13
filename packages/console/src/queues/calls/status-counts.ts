import type { OpName } from '@colloquy/sdk';
import { QUEUE_STATUS } from '@colloquy/wire';
import { useQueries } from '@tanstack/react-query';
import { shownOf } from '../../api/shown.ts';
import { opQuery } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { countText } from '../../ui/text/count.ts';
import { type CallsSearch, inboundFilter, outboundFilter } from '../search.ts';

type Status = (typeof QUEUE_STATUS.names)[number];

/** Each is a request of its own, so they are asked for less often than the list beside them. */
const REFRESH_MILLISECONDS = 30_000;

/** How many calls are in which status, of those that an address lets through but for their status. */
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
          ? opQuery('CountOutboundQueues', { businessId, ...outboundFilter(only) })
          : opQuery('CountInboundQueues', { businessId, ...inboundFilter(only) });
      return { ...query, refetchInterval: REFRESH_MILLISECONDS } as ReturnType<
        typeof opQuery<OpName>
      > & { refetchInterval: number };
    }),
  });
  const texts = QUEUE_STATUS.names.map((status, at) => {
    const read = counts[at];
    const count = read && shownOf<unknown>(read);
    return [status, typeof count === 'number' ? countText(count) : '–'];
  });
  return Object.fromEntries(texts) as Record<Status, string>;
}
