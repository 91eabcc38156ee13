import { Link } from '@tanstack/react-router';
import { columnVisibilityFeature, createColumnHelper, tableFeatures } from '@tanstack/react-table';
import { AudioLines } from 'lucide-react';
import type { ReactNode } from 'react';
import { useBusinessId } from '../app-shell/business.ts';
import { conversationLink } from '../app-shell/links.ts';
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

const column = (id: string, render: (conversation: ListedConversation) => ReactNode, header = id) =>
  helper.display({ id, header, cell: ({ row }) => render(row.original) });

const idText = (id: string | null) => <span className={`${TEXT} font-mono text-xs`}>{id}</span>;

export const columns = helper.columns([
  column('Client', (conversation) => (
    <div className="group flex items-center">
      <div className="min-w-0 flex-1">
        <ClientLink conversation={conversation} />
      </div>
      <CopyClient text={describeClients(conversation) || conversation.Id} />
    </div>
  )),
  column('Started', ({ StartTime }) => <Time at={StartTime} />),
  column('Status', ({ Status }) => <StatusBadge status={Status} />),
  column('Outcome', ({ EndType }) => <Outcome endType={EndType} />),
  column('Duration', (conversation) => <Duration conversation={conversation} />),
  column('Agent', (conversation) => (
    <span
      className={`${TEXT} inline-block max-w-32 truncate align-bottom text-ink-soft xl:max-w-48`}
      dir="auto"
    >
      {describeAgents(conversation)}
    </span>
  )),
  column('Id', ({ Id }) => idText(Id)),
  column('Ended', ({ EndTime }) => EndTime !== null && <Time at={EndTime} />),
  column('Reason', ({ EndReason }) => <span className={`${TEXT} text-ink-soft`}>{EndReason}</span>),
  column('Source', ({ Source }) => Source?.Provider),
  column('Queue', ({ QueueId }) => idText(QueueId), 'Queue entry'),
]);

export const COLUMN_NAMES = columns.map(({ id }) => String(id));
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
      {...conversationLink(businessId, conversation.Id)}
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

/** Copies a text that the row's link makes unselectable. Only pointers need it. */
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
