import { Link } from '@tanstack/react-router';
import type { ItemOf } from '../../api/use-list.ts';
import { useChange } from '../../api/use-op.ts';
import type { Webhook } from '../../app-shell/alerts/disabled-webhooks.tsx';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { conversationLink } from '../../app-shell/links.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Failure } from '../../ui/notice.tsx';
import { formatCount, pluralize } from '../../ui/text/count.ts';
import { Time, useNow } from '../../ui/text/time.tsx';
import { BodyText } from '../body-text.tsx';
import { dated, Small } from '../rows.tsx';
import { STATUS_WORDS } from './event-words.ts';

type Delivery = ItemOf<'GetWebhookDeliveries'>;
type Attempt = Delivery['Attempts'][number];

interface Props {
  readonly webhook: Webhook;
  readonly delivery: Delivery;
  readonly onFilter: (conversationId: string) => void;
}

export function DeliveryRow({ webhook, delivery, onFilter }: Props) {
  const { Type, Status, ConversationId, Attempts } = delivery;
  const { tone, reason } = STATUS_WORDS[Status];
  return (
    <li className="py-2.5">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-40">
          <p className="flex flex-wrap items-center gap-2">
            <span className="font-mono text-xs font-medium wrap-anywhere">{Type}</span>
            <Badge tone={tone}>{Status}</Badge>
          </p>
          {ConversationId !== null && <Conversation id={ConversationId} onFilter={onFilter} />}
          <Small
            parts={[
              dated('created', delivery.CreatedAt),
              describeLast(Attempts.at(-1)),
              reason,
              <NextAttempt key="next" delivery={delivery} />,
            ]}
          />
        </div>
        <ReplayButton webhook={webhook} delivery={delivery} />
      </div>
      <details className="mt-1">
        <summary className="min-h-6 w-fit rounded py-0.5 text-xs text-ink-soft hover:text-ink">
          {Attempts.length === 0
            ? 'Request'
            : `Request and ${pluralize(Attempts.length, 'attempt')}`}
        </summary>
        <Details delivery={delivery} />
      </details>
    </li>
  );
}

interface ConversationProps {
  readonly id: string;
  readonly onFilter: (conversationId: string) => void;
}

function Conversation({ id, onFilter }: ConversationProps) {
  const businessId = useBusinessId();
  const mayRead = useMay()('Conversations.ConversationPermissions', 'Retrieving');
  return (
    <p className="flex flex-wrap items-center gap-x-3">
      {mayRead ? (
        <Link
          {...conversationLink(businessId, id)}
          className="leading-6 break-all text-accent underline underline-offset-2"
        >
          {id}
        </Link>
      ) : (
        <span className="break-all">{id}</span>
      )}
      <button
        type="button"
        onClick={() => onFilter(id)}
        aria-label={`Only this conversation: ${id}`}
        className="min-h-6 rounded text-xs text-ink-soft hover:text-ink"
      >
        Only this conversation
      </button>
    </p>
  );
}

function NextAttempt({ delivery: { Status, NextAttemptAt } }: { readonly delivery: Delivery }) {
  const now = useNow();
  if (Status !== 'Pending') return null;
  if (NextAttemptAt === null) return 'waits for an earlier delivery of its conversation';
  return Date.parse(NextAttemptAt) > now ? dated('next attempt', NextAttemptAt) : 'is being sent';
}

const describeLast = (attempt: Attempt | undefined): string | undefined =>
  attempt && `${statusText(attempt)} after ${formatCount(attempt.DurationMs)} ms`;

const statusText = ({ HttpStatus }: Attempt): string =>
  HttpStatus === null ? 'no answer' : `HTTP ${HttpStatus}`;

function ReplayButton({ webhook, delivery }: Omit<Props, 'onFilter'>) {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  const replay = useChange('ReplayWebhook', ['GetWebhookDeliveries', 'GetWebhook', 'GetWebhooks']);
  const { DeliveryId, Type, Status, NextAttemptAt } = delivery;
  // A delivery that waits for an earlier one keeps its place.
  const isWaiting = Status === 'Pending' && NextAttemptAt === null;
  if (!mayChange || Status === 'Canceled' || isWaiting) return null;
  const action = Status === 'Pending' ? 'Send now' : 'Replay';
  return (
    <>
      <Button
        isBusy={replay.isPending}
        disabled={!webhook.IsEnabled}
        aria-label={`${action} ${Type} ${DeliveryId}`}
        onClick={() => replay.mutate({ businessId, webhookId: webhook.WebhookId, DeliveryId })}
      >
        {action}
      </Button>
      {replay.error && (
        <div className="w-full">
          <Failure error={replay.error} />
        </div>
      )}
    </>
  );
}

const UNSHOWN =
  'The body is not available: it was erased, or your role does not include reading what it contains.';

function Details({ delivery: { MessageId, Body, Attempts } }: { readonly delivery: Delivery }) {
  return (
    <div className="mt-1 flex flex-col gap-3">
      <section>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h3 className="font-medium">Body of the request</h3>
          {Body !== null && <CopyButton text={Body} look="quiet" />}
        </div>
        {Body === null ? <p className="text-ink-soft">{UNSHOWN}</p> : <BodyText text={Body} />}
        <p className="mt-1 text-xs break-all text-ink-faint">webhook-id: {MessageId}</p>
      </section>
      {Attempts.length > 0 && (
        <ol aria-label="Attempts" className="flex flex-col gap-2">
          {Attempts.map((attempt) => (
            <AttemptItem key={attempt.At} attempt={attempt} />
          ))}
        </ol>
      )}
    </div>
  );
}

function AttemptItem({ attempt }: { readonly attempt: Attempt }) {
  const { At, Error: error, DurationMs, Body } = attempt;
  return (
    <li className="rounded-lg border border-line px-3 py-2">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge tone={error === null ? 'good' : 'bad'}>{statusText(attempt)}</Badge>
        <Time at={At} />
        <span className="text-ink-soft tabular">{formatCount(DurationMs)} ms</span>
      </p>
      {error !== null && <p className="mt-1 wrap-anywhere text-bad">{error}</p>}
      {Body !== null && Body !== '' && (
        <details className="mt-1">
          <summary className="min-h-6 w-fit rounded py-0.5 text-xs text-ink-soft hover:text-ink">
            Answer of the receiver
          </summary>
          <BodyText text={Body} />
        </details>
      )}
    </li>
  );
}
