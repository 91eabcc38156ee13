import { useTable } from '@tanstack/react-table';
import { useMemo } from 'react';
import { ROW_FOCUS, useRowKeys } from '../app-shell/row-keys.ts';
import { useLocalStorage } from '../ui/browser/use-local-storage.ts';
import { useMedia, WIDE } from '../ui/browser/use-media.ts';
import { Time } from '../ui/text/time.tsx';
import { Outcome, StatusBadge } from './badges.tsx';
import {
  ClientLink,
  COLUMN_NAMES,
  columns,
  Duration,
  features,
  LINK_COLUMN,
  SHOWN_COLUMNS,
} from './columns.tsx';
import type { ListedConversation } from './facts.ts';

interface Props {
  readonly live: readonly ListedConversation[];
  readonly others: readonly ListedConversation[];
}

export function ConversationList(props: Props) {
  const isWide = useMedia(WIDE);
  useRowKeys();
  return isWide ? <Rows {...props} /> : <Cards {...props} />;
}

const ROW = `relative border-t border-line hover:bg-sunken animate-appear ${ROW_FOCUS}`;

const WIDTHS: Readonly<Record<string, string>> = { [LINK_COLUMN]: 'w-full max-w-0' };
const HEADS: Readonly<Record<string, string>> = { [LINK_COLUMN]: 'min-w-36 xl:min-w-44' };

function Rows({ live, others }: Props) {
  const [columnNames] = useLocalStorage(SHOWN_COLUMNS);
  const columnVisibility = useMemo(
    () =>
      Object.fromEntries(
        COLUMN_NAMES.map((name) => [name, name === LINK_COLUMN || columnNames.includes(name)]),
      ),
    [columnNames],
  );
  const data = useMemo(() => [...live, ...others], [live, others]);
  const table = useTable({
    features,
    columns,
    data,
    state: { columnVisibility },
    getRowId: ({ Id }) => Id,
  });
  const rows = table.getRowModel().rows.map((row) => (
    <tr key={row.id} className={ROW}>
      {row.getVisibleCells().map((cell) => (
        <td
          key={cell.id}
          className={`truncate px-2 py-2 align-middle first:ps-3 last:pe-3 xl:px-3 ${WIDTHS[cell.column.id] ?? 'max-w-72'}`}
        >
          <table.FlexRender cell={cell} />
        </td>
      ))}
    </tr>
  ));
  return (
    <table className="w-full text-start" aria-label="Conversations">
      <thead>
        {table.getHeaderGroups().map((group) => (
          <tr key={group.id}>
            {group.headers.map((header) => (
              <th
                key={header.id}
                scope="col"
                className={`px-2 py-2 text-start text-xs font-medium whitespace-nowrap text-ink-faint first:ps-3 last:pe-3 xl:px-3 ${HEADS[header.id] ?? ''}`}
              >
                <table.FlexRender header={header} />
              </th>
            ))}
          </tr>
        ))}
      </thead>
      {live.length > 0 && (
        <tbody className="border-b-4 border-line">
          <tr className="border-t border-line">
            <th
              scope="rowgroup"
              colSpan={table.getVisibleLeafColumns().length}
              className="px-3 pt-2 pb-1 text-start text-xs font-medium text-accent"
            >
              Live now
            </th>
          </tr>
          {rows.slice(0, live.length)}
        </tbody>
      )}
      <tbody>{rows.slice(live.length)}</tbody>
    </table>
  );
}

function Cards({ live, others }: Props) {
  return (
    <>
      {live.length > 0 && (
        <>
          <p className="px-3 pt-2.5 pb-1 text-xs font-medium text-accent">Live now</p>
          <CardList label="Live conversations" items={live} />
          <div className="h-1 bg-line" />
        </>
      )}
      <CardList label="Conversations" items={others} />
    </>
  );
}

interface CardListProps {
  readonly label: string;
  readonly items: readonly ListedConversation[];
}

function CardList({ label, items }: CardListProps) {
  return (
    <ul aria-label={label}>
      {items.map((conversation) => (
        <li key={conversation.Id} className={`${ROW} flex flex-col gap-1.5 px-3 py-2.5`}>
          <div className="flex items-center gap-3">
            <div className="min-w-0 flex-1">
              <ClientLink conversation={conversation} />
            </div>
            <span className="text-ink-soft">
              <Duration conversation={conversation} />
            </span>
          </div>
          <div className="flex flex-wrap items-center gap-2 text-xs text-ink-faint">
            <Time at={conversation.StartTime} />
            {conversation.EndType === null ? (
              <StatusBadge status={conversation.Status} />
            ) : (
              <Outcome endType={conversation.EndType} />
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
