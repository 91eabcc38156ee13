import { Link } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useId, useState } from 'react';
import { useList } from '../../api/use-list.ts';
import { visibleData } from '../../api/visible-data.ts';
import { sectionLink } from '../../app-shell/links.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { InlineSelect } from '../../ui/forms/field.tsx';
import { Failure, Loading } from '../../ui/notice.tsx';
import { Card } from '../../ui/page.tsx';
import { formatBytes } from '../../ui/text/bytes.ts';
import { formatCount } from '../../ui/text/count.ts';
import { formatMinutes, formatMonth, storedBytes, type Usage } from './usage-text.ts';
import { useSaveAll } from './use-save-all.ts';

const MONTHS = 24;

/** The last months, the current one first. */
function lastMonths(now: Date): string[] {
  return Array.from({ length: MONTHS }, (_, ago) => {
    const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 1);
    return new Date(first).toISOString().slice(0, 7);
  });
}

export function AllUsage() {
  const id = useId();
  const [months] = useState(() => lastMonths(new Date()));
  const [month, setMonth] = useState(months[0] ?? '');
  const list = useList('ListUsage', { From: month, To: month, Limit: 50 });
  const { error, hasMore, isLoadingMore, loadMore, refetch } = list;
  const usages = visibleData({ data: list.items ?? undefined, error });
  const saving = useSaveAll(month);
  const choices = months.map((one) => [one, formatMonth(one)] as const);
  return (
    <section aria-labelledby={id} className="mt-4 flex flex-col gap-4">
      <header>
        <h2 id={id} className="text-lg font-semibold tracking-tight">
          Installation
        </h2>
        <p className="text-ink-soft">
          The usage of all businesses of this server. Only admins of the installation see this.
        </p>
      </header>
      <Card
        title="Usage of all businesses"
        actions={
          <>
            <InlineSelect label="Month" value={month} of={choices} onText={setMonth} />
            <Button
              icon={Download}
              text={saving.isSaving ? saving.progress : 'Save all as CSV'}
              isBusy={saving.isSaving}
              onClick={saving.save}
            />
          </>
        }
      >
        {saving.error && <Failure error={saving.error} onRetry={saving.save} />}
        {error != null && <Failure error={error} onRetry={refetch} />}
        {usages ? <Table usages={usages} /> : error == null && <Loading />}
        {hasMore && (
          <div className="flex justify-center pt-3">
            <Button isBusy={isLoadingMore} onClick={loadMore}>
              {isLoadingMore ? 'Loading…' : 'Show more'}
            </Button>
          </div>
        )}
      </Card>
    </section>
  );
}

const COLUMNS = ['Conversations', 'Minutes', 'Transcripts', 'Recordings'] as const;

function Table({ usages }: { readonly usages: readonly Usage[] }) {
  return (
    <section
      className="overflow-x-auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it
      tabIndex={0}
      aria-label="Usage of all businesses, table"
    >
      <table className="w-full text-start tabular">
        <thead>
          <tr className="text-xs text-ink-faint">
            <th scope="col" className="py-1.5 text-start font-medium">
              Business
            </th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" className="ps-3 text-end font-medium">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {usages.map((usage) => (
            <Line key={usage.BusinessId} usage={usage} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Line({ usage }: { readonly usage: Usage }) {
  const { BusinessId, Name, Months, Quotas } = usage;
  const month = Months[0];
  if (!month) return null;
  const { ConversationsPerMonth, MinutesPerMonth, StoredBytes } = Quotas;
  const isOver = (used: number, quota: number | null) => quota !== null && used >= quota;
  const isReached =
    isOver(month.Conversations, ConversationsPerMonth) ||
    isOver(month.Minutes, MinutesPerMonth) ||
    isOver(storedBytes(month), StoredBytes);
  return (
    <tr className="border-t border-line">
      <th scope="row" className="max-w-64 min-w-32 py-1.5 text-start font-normal">
        <Link
          {...sectionLink(BusinessId, 'usage')}
          className="font-medium hover:underline"
          dir="auto"
        >
          {Name}
        </Link>{' '}
        <span className="text-xs text-ink-faint">{BusinessId}</span>{' '}
        {isReached && <Badge tone="bad">Quota reached</Badge>}
      </th>
      <td className="ps-3 text-end">{formatCount(month.Conversations)}</td>
      <td className="ps-3 text-end">{formatMinutes(month.Minutes)}</td>
      <td className="ps-3 text-end whitespace-nowrap">
        {month.TranscriptBytesStored === null ? '–' : formatBytes(month.TranscriptBytesStored)}
      </td>
      <td className="ps-3 text-end whitespace-nowrap">{formatBytes(month.RecordingBytesStored)}</td>
    </tr>
  );
}
