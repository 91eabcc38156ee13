import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useBusinessId } from '../../app-shell/business.ts';
import { callLink, conversationLink } from '../../app-shell/links.ts';
import { ROW_FOCUS, ROW_LINK, useRowKeys } from '../../app-shell/row-keys.ts';
import { useMedia, WIDE } from '../../ui/browser/use-media.ts';
import { Time, useNow } from '../../ui/text/time.tsx';
import { CallStatus } from './call-status.tsx';
import { describeStatus } from './reason-text.ts';

export interface ListedCall {
  readonly QueueId: string;
  readonly Status: string;
  readonly EnqueuedAt: string;
  readonly CompletedAt: string | null;
  readonly NextAttemptAt: string | null;
  readonly ScheduledFor: string | null;
  readonly LastReason: string | null;
  readonly Attempts: number;
  readonly SessionId: string | null;
  readonly number: string;
  readonly group: string | null;
}

interface Props {
  readonly label: string;
  readonly calls: readonly ListedCall[];
  readonly direction: 'outbound' | 'inbound';
  readonly actionsOf?: (call: ListedCall) => ReactNode;
}

export function CallList(props: Props) {
  const isWide = useMedia(WIDE);
  useRowKeys();
  return isWide ? <Rows {...props} /> : <Cards {...props} />;
}

const ROW = `relative border-t border-line hover:bg-sunken ${ROW_FOCUS}`;

function Rows({ label, direction, calls, actionsOf }: Props) {
  const now = useNow();
  return (
    <table className="w-full text-start" aria-label={label}>
      <thead>
        <tr>
          {[
            'Number',
            'Status',
            'Why',
            'Enqueued',
            'Next',
            direction === 'outbound' ? 'Campaign' : 'Route',
            'Attempts',
            'Conversation',
          ].map((head) => (
            <th
              key={head}
              scope="col"
              className="px-3 py-2 text-start text-xs font-medium whitespace-nowrap text-ink-faint"
            >
              {/* Takes the remaining width, but stays readable. */}
              <span className={head === 'Why' ? 'block min-w-48' : ''}>{head}</span>
            </th>
          ))}
          {actionsOf && (
            <th scope="col" className="relative">
              <span className="sr-only">Actions</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <tr key={call.QueueId} className={ROW}>
            <td className="max-w-72 truncate px-3 py-2 font-medium" title={call.number}>
              <CallLink call={call} direction={direction} />
            </td>
            <td className="px-3 py-2">
              <CallStatus status={call.Status} />
            </td>
            <td
              className="w-full max-w-0 truncate px-3 py-2 text-ink-soft"
              title={describeStatus(call, now) ?? undefined}
              dir="auto"
            >
              {describeStatus(call, now)}
            </td>
            <td className="px-3 py-2">
              <Time at={call.EnqueuedAt} />
            </td>
            <td className="px-3 py-2">
              {call.NextAttemptAt !== null && <Time at={call.NextAttemptAt} />}
            </td>
            <td className="max-w-32 truncate px-3 py-2" title={call.group ?? undefined} dir="auto">
              {call.group}
            </td>
            <td className="px-3 py-2 tabular">{call.Attempts}</td>
            <td className="px-3 py-2">
              {call.SessionId !== null && <ConversationLink sessionId={call.SessionId} />}
            </td>
            {actionsOf && (
              <td className="py-1 pe-2 text-end">
                <span className="relative z-10">{actionsOf(call)}</span>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cards({ label, direction, calls, actionsOf }: Props) {
  const now = useNow();
  return (
    <ul aria-label={label}>
      {calls.map((call) => (
        <li key={call.QueueId} className={`${ROW} flex flex-col gap-1 px-3 py-2.5`}>
          <div className="flex items-center gap-3">
            <span className="line-clamp-2 min-w-0 flex-1 font-medium wrap-anywhere">
              <CallLink call={call} direction={direction} />
            </span>
            <CallStatus status={call.Status} />
            {actionsOf && <span className="relative z-10 empty:hidden">{actionsOf(call)}</span>}
          </div>
          <p className="flex flex-wrap gap-x-2 text-xs text-ink-faint">
            <Time at={call.EnqueuedAt} />
            <span dir="auto">{describeStatus(call, now)}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}

type CallLinkProps = Pick<Props, 'direction'> & { readonly call: ListedCall };

function CallLink({ call, direction }: CallLinkProps) {
  const businessId = useBusinessId();
  return (
    <Link
      {...callLink(businessId, direction === 'inbound', call.QueueId)}
      {...{ [ROW_LINK]: '' }}
      className="after:absolute after:inset-0 focus-visible:outline-none"
    >
      <bdi>{call.number}</bdi>
    </Link>
  );
}

export function ConversationLink({ sessionId }: { readonly sessionId: string }) {
  const businessId = useBusinessId();
  return (
    <Link
      {...conversationLink(businessId, sessionId)}
      className="relative z-10 rounded text-accent underline underline-offset-2"
    >
      Open
    </Link>
  );
}
