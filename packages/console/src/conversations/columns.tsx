import { Link } from '@tanstack/react-router';
import { columnVisibilityFeature, createColumnHelper, tableFeatures } from '@tanstack/react-table';
import { AudioLines } from 'lucide-react';
import { useBusinessId } from '../frame/business.ts';
import { ROW_LINK } from '../frame/row-keys.ts';
import type { Kept } from '../ui/kept.ts';
import { durationText, Time, useNow } from '../ui/time.tsx';
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

/** What a list of conversations can show, in this order; `Client` leads to the conversation. */
export const columns = helper.columns([
  helper.display({
    id: 'Client',
    header: 'Client',
    cell: ({ row }) => <ClientLink conversation={row.original} />,
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
      <span className="block max-w-48 truncate text-ink-soft" dir="auto">
        {agentText(row.original)}
      </span>
    ),
  }),
  helper.display({
    id: 'Recording',
    header: 'Recording',
    cell: ({ row }) =>
      hasRecording(row.original) && (
        <AudioLines role="img" aria-label="Recorded" size={15} className="text-ink-faint" />
      ),
  }),
  helper.display({
    id: 'Id',
    header: 'Id',
    cell: ({ row }) => <span className="font-mono text-xs">{row.original.Id}</span>,
  }),
  helper.display({
    id: 'Ended',
    header: 'Ended',
    cell: ({ row }) => row.original.EndTime !== null && <Time at={row.original.EndTime} />,
  }),
  helper.display({
    id: 'Reason',
    header: 'Reason',
    cell: ({ row }) => <span className="text-ink-soft">{row.original.EndReason}</span>,
  }),
  helper.display({
    id: 'Source',
    header: 'Source',
    cell: ({ row }) => row.original.Source?.Provider,
  }),
  helper.display({
    id: 'Queue',
    header: 'Queue entry',
    cell: ({ row }) => <span className="font-mono text-xs">{row.original.QueueId}</span>,
  }),
]);

export const COLUMN_NAMES = columns.map(({ id }) => String(id));
/** The column that leads to the conversation, which is always there. */
export const LINK_COLUMN = 'Client';

/** The columns that are shown. */
export const SHOWN_COLUMNS: Kept<readonly string[]> = {
  key: 'conversations.columns',
  first: ['Client', 'Started', 'Status', 'Outcome', 'Duration', 'Agent', 'Recording'],
  isValid: (value): value is readonly string[] =>
    Array.isArray(value) && value.every((name) => COLUMN_NAMES.includes(name)),
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
    </Link>
  );
}

/** How long it was, or has been going on for. */
export function Duration({ conversation }: { readonly conversation: ListedConversation }) {
  const now = useNow();
  const duration = durationOf(conversation) ?? now - Date.parse(conversation.StartTime);
  return <span className="tabular">{durationText(duration)}</span>;
}
