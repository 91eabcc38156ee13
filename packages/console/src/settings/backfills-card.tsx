import type { OutputOf } from '@colloquy/sdk';
import { useOp } from '../api/use-op.ts';
import { visibleData } from '../api/visible-data.ts';
import { useBusinessId } from '../app-shell/business.ts';
import { Badge } from '../ui/badge.tsx';
import { ReadState } from '../ui/notice.tsx';
import { Card } from '../ui/page.tsx';
import { formatCount, pluralize } from '../ui/text/count.ts';
import { Time } from '../ui/text/time.tsx';
import { dated, Row, Small } from './rows.tsx';

type Backfill = OutputOf<'GetBackfills'>['Items'][number];

const REFETCH_MILLISECONDS = 5_000;
const TONES = {
  Waiting: 'neutral',
  Running: 'accent',
  Retrying: 'warn',
  Finished: 'good',
} as const;

export function BackfillsCard() {
  const businessId = useBusinessId();
  const read = useOp('GetBackfills', { businessId }, { refetchInterval: REFETCH_MILLISECONDS });
  const items = visibleData(read)?.Items;
  return (
    <Card title="Data updates" lead="Stored data is updated in the background after an upgrade.">
      <ReadState read={read} />
      {items?.length === 0 && <p className="text-ink-soft">No updates are necessary.</p>}
      {items && items.length > 0 && (
        <ul aria-label="Data updates" className="divide-y divide-line">
          {items.map((item) => (
            <BackfillRow key={item.Name} backfill={item} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function BackfillRow({ backfill }: { readonly backfill: Backfill }) {
  const { Name, Status, RowsDone, RowsEstimated, StartedAt, FinishedAt } = backfill;
  const { RetryAt, LastError } = backfill;
  const total = FinishedAt === null ? RowsEstimated : null;
  const count =
    total === null
      ? pluralize(RowsDone, 'row')
      : `${formatCount(RowsDone)} of about ${pluralize(total, 'row')}`;
  return (
    <Row actions={<Badge tone={TONES[Status]}>{Status}</Badge>}>
      <p className="font-medium">{Name}</p>
      <Small
        parts={[
          count,
          FinishedAt === null ? dated('started', StartedAt) : <Time key="end" at={FinishedAt} />,
          Status === 'Retrying' && dated(`failed (${LastError ?? ''}); next attempt`, RetryAt),
        ]}
      />
    </Row>
  );
}
