import type { OutputOf } from '@colloquy/sdk';
import { useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { toWords } from '../../conversations/facts.ts';
import { ReadState } from '../../ui/notice.tsx';
import { localizeTimes, Time } from '../../ui/text/time.tsx';
import { OccupyingCalls } from './occupying-calls.tsx';

interface HistoryProps {
  readonly direction: 'outbound' | 'inbound';
  readonly queueId: string;
}

export function History({ direction, queueId }: HistoryProps) {
  const businessId = useBusinessId();
  const read = useOp(
    direction === 'outbound' ? 'GetOutboundQueueHistory' : 'GetInboundQueueHistory',
    { businessId, queueId },
    { refetchInterval: 3_000 },
  );
  const data = visibleData(read);
  return (
    <>
      <ReadState read={read} />
      {data && <Entries entries={data.Entries} />}
    </>
  );
}

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
