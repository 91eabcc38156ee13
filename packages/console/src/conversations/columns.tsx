import { Link } from '@tanstack/react-router';
import { columnVisibilityFeature, createColumnHelper, tableFeatures } from '@tanstack/react-table';
import { AudioLines } from 'lucide-react';
import { useBusinessId } from '../app-shell/business.ts';
import { ROW_LINK } from '../app-shell/row-keys.ts';
import type { Kept } from '../ui/browser/use-local-storage.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { durationText, Time, useNow } from '../ui/text/time.tsx';
import { InitiationIcon, Outcome, StatusBadge } from './badges.tsx';
import {
  agentText,
  clientText,
  durationOf,
  hasRecording,
  type ListedConversation,
} from './facts.ts';

export const features = tableFeatures({ columnVisibilityFeature });
const helper = createColumnHelper<typeof features, ListedConversation>();

/** Of text that lies above the link of its row, so that it can be selected. */
const TEXT = 'relative z-1 cursor-text';

/** What a list of conversations can show, in this order; `Client` leads to the conversation. */
export const columns = helper.columns([
  helper.display({
    id: 'Client',
    header: 'Client',
    cell: ({ row }) => (
      <div className="group flex items-center">
        <div className="min-w-0 flex-1">
          <ClientLink conversation={row.original} />
        </div>
        <CopyClient text={clientText(row.original) || row.original.Id} />
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
        {agentText(row.original)}
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
/** The column that leads to the conversation, which is always there. */
export const LINK_COLUMN = 'Client';

/** The columns that are shown. */
export const SHOWN_COLUMNS: Kept<readonly string[]> = {
  key: 'conversations.columns',
  first: ['Client', 'Started', 'Status', 'Outcome', 'Duration', 'Agent'],
  // Names that are columns no more are passed over.
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
        {clientText(conversation) || conversation.Id}
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

/** Copies what the link over the row does not let one select; for those who point, only they lack it. */
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

/** How long it was, or has been going on for. */
export function Duration({ conversation }: { readonly conversation: ListedConversation }) {
  const now = useNow();
  const duration = durationOf(conversation) ?? now - Date.parse(conversation.StartTime);
  return <span className="tabular">{durationText(duration)}</span>;
}
