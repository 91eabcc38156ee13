import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { conversationLink } from '../../app-shell/links.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/notice.tsx';
import { formatBytes } from '../../ui/text/bytes.ts';
import { pluralize } from '../../ui/text/count.ts';
import { dated, Small } from '../rows.tsx';
import type { Connection, Received } from './connection.ts';
import { RawRequest } from './raw-request.tsx';

const STATUS_WORDS: Readonly<
  Record<Received['Status'], { readonly tone: Tone; readonly reason?: string }>
> = {
  Pending: { tone: 'info', reason: 'the conversation is about to be written' },
  Assembled: { tone: 'good' },
  Failed: { tone: 'bad' },
  Ignored: { tone: 'neutral', reason: 'it is about no call' },
  Paused: { tone: 'warn', reason: 'waits until the connection is resumed' },
};

interface Props {
  readonly connection: Connection;
  readonly received: Received;
}

export function ReceivedRow({ connection, received }: Props) {
  const { EventType, Status, ConversationId, Error: error, Repeats, Warnings } = received;
  const { tone, reason } = STATUS_WORDS[Status];
  const [isOpen, setOpen] = useState(false);
  return (
    <li className="py-2.5">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-40">
          <p className="flex flex-wrap items-center gap-2">
            <span className="font-mono text-xs font-medium wrap-anywhere">
              {EventType === '' ? 'Event without a type' : EventType}
            </span>
            <Badge tone={tone}>{Status}</Badge>
          </p>
          {ConversationId !== null && (
            <Conversation id={ConversationId} isWritten={Status === 'Assembled'} />
          )}
          {error !== null && <p className="wrap-anywhere text-bad">{error}</p>}
          {Warnings.length > 0 && (
            <ul aria-label="Warnings" className="wrap-anywhere text-warn">
              {Warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          )}
          <Small
            parts={[
              dated('received', received.ReceivedAt),
              Repeats > 0 && `received again ${pluralize(Repeats, 'time')}`,
              formatBytes(received.Bytes),
              reason,
              Status === 'Failed' && dated('next attempt', received.NextAttemptAt),
            ]}
          />
        </div>
        <RetryButton connection={connection} received={received} />
      </div>
      <details className="mt-1" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary className="min-h-6 w-fit rounded py-0.5 text-xs text-ink-soft hover:text-ink">
          Headers and body
        </summary>
        {isOpen && <RawRequest connectionId={connection.ConnectionId} received={received} />}
      </details>
    </li>
  );
}

interface ConversationProps {
  readonly id: string;
  /** There may be no conversation yet. */
  readonly isWritten: boolean;
}

function Conversation({ id, isWritten }: ConversationProps) {
  const businessId = useBusinessId();
  const mayRead = useMay()('Conversations.ConversationPermissions', 'Retrieving');
  if (!mayRead || !isWritten) return <p className="break-all text-ink-soft">{id}</p>;
  return (
    <p>
      <Link
        {...conversationLink(businessId, id)}
        className="leading-6 break-all text-accent underline underline-offset-2"
      >
        {id}
      </Link>
    </p>
  );
}

function RetryButton({ connection, received }: Props) {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  const retry = useChange('RetryConnectionDelivery', ['GetConnectionDeliveries', 'GetConnection']);
  const { DeliveryId, EventType, Status, ConversationId } = received;
  const isDone = Status === 'Assembled';
  if (!mayChange || ConversationId === null || !(isDone || Status === 'Failed')) return null;
  const action = isDone ? 'Write again' : 'Retry';
  const here = { businessId, connectionId: connection.ConnectionId, deliveryId: DeliveryId };
  return (
    <>
      <Button
        isBusy={retry.isPending}
        disabled={connection.IsPaused}
        aria-label={`${action} ${EventType} ${DeliveryId}`}
        onClick={() => retry.mutate(here)}
      >
        {action}
      </Button>
      {retry.error && (
        <div className="w-full">
          <Failure error={retry.error} />
        </div>
      )}
    </>
  );
}
