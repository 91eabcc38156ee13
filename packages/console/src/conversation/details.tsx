import { Outcome, StatusBadge } from '../conversations/badges.tsx';
import { nameOf, toWords, typeText } from '../conversations/facts.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Fact, FactGroup } from '../ui/fact.tsx';
import { formatDuration, Time } from '../ui/text/time.tsx';
import type { Conversation } from './player/timeline.ts';
import { QueueEntry } from './queue-entry.tsx';
import { Json } from './transcript/tool-call.tsx';

export function Details({ conversation }: { readonly conversation: Conversation }) {
  const { StartTime, EndTime, EndReason, Source, Metadata, QueueId } = conversation;
  return (
    <aside aria-label="Details" className="flex flex-col gap-5 p-4 [&_time]:whitespace-normal">
      <FactGroup title="Conversation">
        <Fact name="Id">
          <span className="font-mono text-xs break-all">{conversation.Id}</span>{' '}
          <CopyButton
            look="quiet"
            text={conversation.Id}
            label="Copy id"
            title="Copy id"
            className="size-6! p-0! align-middle [&>span]:sr-only"
          />
        </Fact>
        <Fact name="Status">
          <StatusBadge status={conversation.Status} />
        </Fact>
        {conversation.EndType !== null && (
          <Fact name="Outcome">
            <Outcome endType={conversation.EndType} />
          </Fact>
        )}
        {EndReason != null && <Fact name="End reason">{EndReason}</Fact>}
        <Fact name="Type">{typeText(conversation.InitiationType)}</Fact>
        <Fact name="Started">
          <Time at={StartTime} style="absolute" />
        </Fact>
        {EndTime !== null && (
          <Fact name="Duration">{formatDuration(Date.parse(EndTime) - Date.parse(StartTime))}</Fact>
        )}
        {Source != null && (
          <Fact name="Source">
            {Source.Provider}{' '}
            {Source.ProviderCallId != null && (
              <span className="font-mono text-xs break-all">{Source.ProviderCallId}</span>
            )}
          </Fact>
        )}
      </FactGroup>
      <FactGroup title="Participants">
        {conversation.Clients.map((client) => (
          <Participant
            key={client.ClientId}
            name={nameOf({ Name: client.Name }, client.ClientId)}
            kind={client.ClientType}
            number={client.PhoneNumber ?? null}
            start={StartTime}
            end={EndTime}
            presence={client}
          />
        ))}
        {conversation.Agents.map((agent) => (
          <Participant
            key={agent.AgentId}
            name={nameOf(agent, agent.AgentId)}
            kind={`${agent.AgentType} agent`}
            number={null}
            start={StartTime}
            end={EndTime}
            presence={agent}
          />
        ))}
      </FactGroup>
      {Object.keys(Metadata).length > 0 && (
        <FactGroup title="Metadata">
          {Object.entries(Metadata).map(([name, value]) => (
            <Fact key={name} name={name}>
              {typeof value === 'object' && value !== null ? (
                <Json label="Show" value={value} />
              ) : (
                <span dir="auto" className="break-words">
                  {String(value)}
                </span>
              )}
            </Fact>
          ))}
        </FactGroup>
      )}
      {QueueId !== null && <QueueEntry queueId={QueueId} type={conversation.InitiationType} />}
    </aside>
  );
}

function Participant({
  name,
  kind,
  number,
  start,
  end,
  presence: { JoinedAt, LeftAt, LeaveReason },
}: {
  readonly name: string;
  readonly kind: string;
  readonly number: string | null;
  readonly start: string;
  readonly end: string | null;
  readonly presence: { JoinedAt: string; LeftAt: string | null; LeaveReason: string | null };
}) {
  const until = LeftAt ?? end;
  const since = (at: string) => formatDuration(Date.parse(at) - Date.parse(start));
  return (
    <div>
      <dt className="w-fit font-medium wrap-anywhere" dir="auto">
        {name}
      </dt>
      <dd className="text-xs text-ink-soft">
        {kind}
        {number !== null && (
          <>
            {' · '}
            <bdi>{number}</bdi>
          </>
        )}
        {' · '}
        {since(JoinedAt)} to {until === null ? 'now' : since(until)}
        {LeaveReason !== null && ` · ${toWords(LeaveReason)}`}
      </dd>
    </div>
  );
}
