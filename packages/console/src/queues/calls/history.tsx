import type { OutputOf } from '@colloquy/sdk';
import { useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { toWords } from '../../conversations/facts.ts';
import { Failure, Loading } from '../../ui/notice.tsx';
import { localizeTimes, Time } from '../../ui/text/time.tsx';
import { OccupyingCalls } from './occupying-calls.tsx';

/** All history entries of a call, oldest first. */
export function History({
  direction,
  queueId,
}: {
  readonly direction: 'outbound' | 'inbound';
  readonly queueId: string;
}) {
  const businessId = useBusinessId();
  const read = useOp(
    direction === 'outbound' ? 'GetOutboundQueueHistory' : 'GetInboundQueueHistory',
    { businessId, queueId },
    { refetchInterval: 3_000 },
  );
  const data = visibleData(read);
  return (
    <>
      {read.error && <Failure error={read.error} onRetry={() => void read.refetch()} />}
      {!data && !read.error && <Loading />}
      {data && <Entries entries={data.Entries} />}
    </>
  );
}

/** True if the call no longer waits for the reason of that entry. */
const isOver = (entries: OutputOf<'GetOutboundQueueHistory'>['Entries'], index: number): boolean =>
  entries.slice(index + 1).some(({ Decision }) => Decision !== 'HeldBack');

function Entries({
  entries,
}: {
  readonly entries: OutputOf<'GetOutboundQueueHistory'>['Entries'];
}) {
  return (
    <ol className="flex flex-col">
      {entries.map(({ At, Decision, Details, OccupiedBy }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries are only appended
        <li key={index} className="relative border-s-2 border-line ps-4 pb-3 last:pb-0">
          <span
            aria-hidden
            className="absolute -start-[5px] top-1.5 size-2 rounded-full bg-accent"
          />
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-medium">{toWords(Decision)}</span>
            <span className="text-xs text-ink-faint">
              <Time at={At} style="absolute" />
            </span>
          </p>
          <p className="break-words text-ink-soft" dir="auto">
            {localizeTimes(Details)}
          </p>
          {OccupiedBy && <OccupyingCalls queueIds={OccupiedBy} isOver={isOver(entries, index)} />}
        </li>
      ))}
    </ol>
  );
}
