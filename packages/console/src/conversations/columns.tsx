import { Link } from '@tanstack/react-router';
import { columnVisibilityFeature, createColumnHelper, tableFeatures } from '@tanstack/react-table';
import { AudioLines } from 'lucide-react';
import { useBusinessId } from '../app-shell/business.ts';
import { ROW_LINK } from '../app-shell/row-keys.ts';
import type { StoredSetting } from '../ui/browser/use-local-storage.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { formatDuration, Time, useNow } from '../ui/text/time.tsx';
import { InitiationIcon, Outcome, StatusBadge } from './badges.tsx';
import {
  describeAgents,
  describeClients,
  durationOf,
  hasRecording,
  type ListedConversation,
} from './facts.ts';

export const features = tableFeatures({ columnVisibilityFeature });
const helper = createColumnHelper<typeof features, ListedConversation>();

/** Above the link of the row, which makes the text selectable. */
const TEXT = 'relative z-1 cursor-text';

export const columns = helper.columns([
  helper.display({
    id: 'Client',
    header: 'Client',
    cell: ({ row }) => (
      <div className="group flex items-center">
        <div className="min-w-0 flex-1">
          <ClientLink conversation={row.original} />
        </div>
        <CopyClient text={describeClients(row.original) || row.original.Id} />
      </div>
    ),
  }),
  helper.display({
    id: 'Started',
    header: 'Started',
    cell: ({ row }) => <Time at={row.original.StartTime} />,
  }),
  helper.display({
    id: 'Status',
    header: 'Status',
    cell: ({ row }) => <StatusBadge status={row.original.Status} />,
  }),
  helper.display({
    id: 'Outcome',
    header: 'Outcome',
    cell: ({ row }) => <Outcome endType={row.original.EndType} />,
  }),
  helper.display({
    id: 'Duration',
    header: 'Duration',
    cell: ({ row }) => <Duration conversation={row.original} />,
  }),
  helper.display({
    id: 'Agent',
    header: 'Agent',
    cell: ({ row }) => (
      <span
        className={`${TEXT} inline-block max-w-32 truncate align-bottom text-ink-soft xl:max-w-48`}
        dir="auto"
      >
        {describeAgents(row.original)}
      </span>
    ),
  }),
  helper.display({
    id: 'Id',
    header: 'Id',
    cell: ({ row }) => <span className={`${TEXT} font-mono text-xs`}>{row.original.Id}</span>,
  }),
  helper.display({
    id: 'Ended',
    header: 'Ended',
    cell: ({ row }) => row.original.EndTime !== null && <Time at={row.original.EndTime} />,
  }),
  helper.display({
    id: 'Reason',
    header: 'Reason',
    cell: ({ row }) => <span className={`${TEXT} text-ink-soft`}>{row.original.EndReason}</span>,
  }),
  helper.display({
    id: 'Source',
    header: 'Source',
    cell: ({ row }) => row.original.Source?.Provider,
  }),
  helper.display({
    id: 'Queue',
    header: 'Queue entry',
    cell: ({ row }) => <span className={`${TEXT} font-mono text-xs`}>{row.original.QueueId}</span>,
  }),
]);

export const COLUMN_NAMES = columns.map(({ id }) => String(id));
/** The column with the link, which cannot be hidden. */
export const LINK_COLUMN = 'Client';

export const SHOWN_COLUMNS: StoredSetting<readonly string[]> = {
  key: 'conversations.columns',
  initial: ['Client', 'Started', 'Status', 'Outcome', 'Duration', 'Agent'],
  // Ignores names of columns that no longer exist.
  isValid: (value): value is readonly string[] =>
    Array.isArray(value) && value.every((name) => typeof name === 'string'),
};

export function ClientLink({ conversation }: { readonly conversation: ListedConversation }) {
  const businessId = useBusinessId();
  return (
    <Link
      to="/b/$businessId/conversations/$sessionId"
      params={{ businessId, sessionId: conversation.Id }}
      {...{ [ROW_LINK]: '' }}
      className="flex min-w-0 items-center gap-2 font-medium after:absolute after:inset-0 focus-visible:outline-none"
    >
      <InitiationIcon type={conversation.InitiationType} />
      <span className="truncate" dir="auto">
        {describeClients(conversation) || conversation.Id}
      </span>
      {hasRecording(conversation) && (
        <AudioLines
          role="img"
          aria-label="Recorded"
          size={15}
          className="shrink-0 text-ink-faint"
        />
      )}
    </Link>
  );
}

/** Copies a text that cannot be selected because the row's link covers it. Only pointers need it. */
function CopyClient({ text }: { readonly text: string }) {
  return (
    <span className="relative z-1 hidden w-0 group-hover:block">
      <CopyButton
        text={text}
        title="Copy"
        tabIndex={-1}
        className="absolute end-0 -top-3 size-6! bg-surface! p-0! [&>span]:sr-only"
      />
    </span>
  );
}

export function Duration({ conversation }: { readonly conversation: ListedConversation }) {
  const now = useNow();
  const duration = durationOf(conversation) ?? now - Date.parse(conversation.StartTime);
  return <span className="tabular">{formatDuration(duration)}</span>;
}
