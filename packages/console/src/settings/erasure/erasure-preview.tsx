import type { OutputOf } from '@colloquy/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { opQuery, useChange } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { conversationLink } from '../../app-shell/links.ts';
import { Button } from '../../ui/button.tsx';
import { Failure, ReadState } from '../../ui/notice.tsx';
import { formatCount } from '../../ui/text/count.ts';
import { describeCounts } from './mention-counts.ts';

type Preview = OutputOf<'GetErasurePreview'>;
type Mention = Preview['Mentions'][number];

const REFETCH_MILLISECONDS = 1_000;
const MAX_SHOWN = 5;
/** The server's limit of a search. */
export const MAX_MENTIONS = 1_000;

const PLACES: Readonly<Record<Mention['In'][number], string>> = {
  Messages: 'messages',
  Logs: 'logs',
  Metadata: 'metadata or names',
  ToolCalls: 'tool calls',
};

interface Subject {
  readonly by: 'PhoneNumber' | 'ClientId';
  readonly person: string;
  readonly mode: 'Erase' | 'Anonymise';
}

export function useErasurePreview({ by, person, mode }: Subject) {
  const businessId = useBusinessId();
  const start = useChange('PreviewErasure');
  const isSame = start.variables?.[by] === person;
  const previewId = isSame ? start.data?.PreviewId : undefined;
  const read = useQuery({
    ...opQuery('GetErasurePreview', { businessId, previewId: previewId ?? '' }),
    enabled: previewId !== undefined,
    refetchInterval: ({ state }) => state.data?.Status !== 'Completed' && REFETCH_MILLISECONDS,
  });
  const preview = previewId === undefined ? undefined : visibleData(read);
  return {
    // The server requires a reason and does not store that of a preview.
    begin: () => start.mutate({ businessId, [by]: person, Mode: mode, Reason: 'Preview' }),
    isBusy: isSame && start.isPending,
    startError: isSame ? start.error : null,
    isStarted: previewId !== undefined,
    read,
    preview,
    /** null: unknown. */
    mentions: preview?.Status === 'Completed' ? preview.Mentions.length : null,
  };
}

type Props = Subject & {
  readonly includesMentions: boolean;
  readonly state: ReturnType<typeof useErasurePreview>;
};

export function ErasurePreview({ by, person, mode, includesMentions, state }: Props) {
  const heading = useId();
  const { read, preview } = state;
  return (
    <section
      aria-labelledby={heading}
      className="rounded-lg border border-line bg-sunken px-3 py-2.5"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-48">
          <h3 id={heading} className="font-medium">
            Preview
          </h3>
          <p className="text-ink-soft">Optional. See what would be affected; nothing changes.</p>
        </div>
        <Button isBusy={state.isBusy} disabled={person === ''} onClick={state.begin}>
          {state.isStarted ? 'Preview again' : 'Preview'}
        </Button>
      </div>
      {state.startError && <Failure error={state.startError} />}
      {state.isStarted && read.error && <ReadState read={read} />}
      {state.isStarted &&
        (preview?.Status === 'Completed' ? (
          <Found preview={preview} by={by} mode={mode} includesMentions={includesMentions} />
        ) : (
          !read.error && <Progress done={preview?.Progress ?? 0} />
        ))}
    </section>
  );
}

function Progress({ done }: { readonly done: number }) {
  return (
    <div className="mt-2">
      <p role="status">Searching the conversations…</p>
      <progress aria-label="Progress of the preview" value={done} className="mt-1 w-full" />
    </div>
  );
}

interface FoundProps extends Pick<Props, 'by' | 'mode' | 'includesMentions'> {
  readonly preview: Preview;
}

function Found({ preview: { Counts, Mentions }, by, mode, includesMentions }: FoundProps) {
  const done = mode === 'Erase' ? 'erased' : 'anonymised';
  return (
    <div className="mt-2 flex flex-col gap-2">
      <div role="status">
        <p>
          Would be {done}: <span className="font-medium">{describeCounts(Counts)}</span>.
        </p>
        <p className="text-ink-soft">
          Legal holds are not considered: if anything is held, nothing is {done}.
        </p>
      </div>
      {by === 'ClientId' ? (
        <p className="text-ink-soft">
          Texts of other conversations are searched for phone numbers only.
        </p>
      ) : (
        <Mentioning mentions={Mentions} isReplaced={includesMentions} />
      )}
    </div>
  );
}

interface MentioningProps {
  readonly mentions: readonly Mention[];
  readonly isReplaced: boolean;
}

function Mentioning({ mentions, isReplaced }: MentioningProps) {
  const businessId = useBusinessId();
  const [isExpanded, setExpanded] = useState(false);
  if (mentions.length === 0) {
    return <p>No other conversation mentions the number.</p>;
  }
  const shown = isExpanded ? mentions : mentions.slice(0, MAX_SHOWN);
  const more = mentions.length - shown.length;
  return (
    <div>
      <p>{describeMentions(mentions.length, isReplaced)}</p>
      <ul
        aria-label="Conversations that mention the number"
        className="my-1 divide-y divide-line border-y border-line"
      >
        {shown.map(({ SessionId, In }) => (
          <li key={SessionId} className="flex flex-wrap justify-between gap-x-3 py-1.5">
            <Link
              {...conversationLink(businessId, SessionId)}
              // Another tab: the dialog keeps the entered values.
              target="_blank"
              className="min-w-0 break-all text-accent underline underline-offset-2"
            >
              {SessionId}
            </Link>
            <span className="text-ink-soft">
              in {In.map((place) => PLACES[place] ?? place).join(', ')}
            </span>
          </li>
        ))}
      </ul>
      {more > 0 && <Button onClick={() => setExpanded(true)}>Show {formatCount(more)} more</Button>}
    </div>
  );
}

function describeMentions(count: number, isReplaced: boolean): string {
  const isOne = count === 1;
  const others = isOne ? 'One other conversation' : `${formatCount(count)} other conversations`;
  const mention = isOne ? 'mentions' : 'mention';
  const stay = isOne ? 'stays as it is' : 'stay as they are';
  const text = isReplaced
    ? `${others} ${mention} the number, which is replaced there.`
    : `${others} ${mention} the number and ${stay}.`;
  return count < MAX_MENTIONS ? text : `${text} The search stopped there; there may be more.`;
}
