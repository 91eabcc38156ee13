import { Link } from '@tanstack/react-router';
import { hasReason, isForbidden } from '../api/failure.ts';
import { useOp } from '../api/use-op.ts';
import { useBusinessId } from '../app-shell/business.ts';
import { callLink } from '../app-shell/links.ts';
import { toWords } from '../conversations/facts.ts';
import { Fact, FactGroup } from '../ui/fact.tsx';
import { Failure } from '../ui/notice.tsx';
import { localizeTimes, Time } from '../ui/text/time.tsx';
import type { Conversation } from './player/timeline.ts';

interface Props {
  readonly queueId: string;
  readonly type: Conversation['InitiationType'];
}

export function QueueEntry({ queueId, type }: Props) {
  return (
    <FactGroup title="Queue">
      <Entry queueId={queueId} isInbound={type === 'Inbound'} />
    </FactGroup>
  );
}

function Entry({ queueId, isInbound }: { readonly queueId: string; readonly isInbound: boolean }) {
  const businessId = useBusinessId();
  const { data, error, refetch } = useOp(
    isInbound ? 'GetInboundQueueHistory' : 'GetOutboundQueueHistory',
    { businessId, queueId },
  );
  if (error && (!data || isForbidden(error)))
    return <EntryNotFound queueId={queueId} error={error} />;
  return (
    <>
      {error && <Failure error={error} onRetry={() => void refetch()} />}
      <Fact name="Entry">
        <Link
          {...callLink(businessId, isInbound, queueId)}
          className="font-mono text-xs break-all text-accent underline underline-offset-2"
        >
          {queueId}
        </Link>
      </Fact>
      {data?.Entries.map(({ At, Decision, Details }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries are only appended
        <Fact key={index} name={toWords(Decision)}>
          <Time at={At} style="absolute" />
          <span className="block w-fit text-xs text-ink-soft" dir="auto">
            {localizeTimes(Details)}
          </span>
        </Fact>
      ))}
    </>
  );
}

function EntryNotFound({ queueId, error }: { readonly queueId: string; readonly error: unknown }) {
  if (!hasReason(error, 'NOT_FOUND', 'GONE')) return <Failure error={error} />;
  return (
    <Fact name="Entry">
      <span className="font-mono text-xs break-all">{queueId}</span>
      <span className="block text-xs text-ink-faint">This entry is not in the queue.</span>
    </Fact>
  );
}
