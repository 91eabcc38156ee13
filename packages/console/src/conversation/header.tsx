import { Link } from '@tanstack/react-router';
import {
  ArrowLeft,
  ChevronDown,
  ChevronUp,
  Download,
  Ellipsis,
  Link2,
  Search,
  Trash2,
} from 'lucide-react';
import { useState } from 'react';
import { useBusinessId, useMay } from '../app-shell/business.ts';
import { InitiationIcon, Outcome, StatusBadge } from '../conversations/badges.tsx';
import { agentText } from '../conversations/facts.ts';
import { Button, buttonClass, IconButton } from '../ui/button.tsx';
import { Menu, MenuItem, MenuLine } from '../ui/overlays/menu.tsx';
import { durationText, Time } from '../ui/text/time.tsx';
import { DownloadItems } from './downloads.tsx';
import { EraseDialog } from './erase-dialog.tsx';
import type { Neighbours } from './neighbours.ts';
import type { Conversation } from './player/timeline.ts';
import type { Recording } from './player/tracks.ts';
import { useCompact } from './transcript/compact.ts';

interface Props {
  readonly conversation: Conversation;
  readonly title: string;
  readonly recordings: readonly Recording[];
  /** null: it was not opened out of a list. */
  readonly neighbours: Neighbours | null;
  readonly onGo: (sessionId: string | null) => void;
  /** Whether what finds words is there, in a small window. */
  readonly isFinding: boolean;
  readonly onFinding: (isFinding: boolean) => void;
  readonly onCopyMoment: () => void;
  readonly onFailure: () => void;
}

/** What the conversation is, and what can be done with it; in a small window on one line. */
export function Header(props: Props) {
  const { conversation, title, recordings, neighbours, onGo, onCopyMoment, onFailure } = props;
  const businessId = useBusinessId();
  const mayErase = useMay()('Conversations.ConversationPermissions', 'Deleting');
  const isCompact = useCompact();
  const [asks, setAsks] = useState(false);
  const downloads = (
    <DownloadItems conversation={conversation} recordings={recordings} onFailure={onFailure} />
  );
  const eraseItem = mayErase && (
    <MenuItem isDangerous onSelect={() => setAsks(true)}>
      <Trash2 aria-hidden size={16} /> Erase…
    </MenuItem>
  );
  const more = (
    <IconButton label="More" look={isCompact ? 'quiet' : 'plain'}>
      <Ellipsis aria-hidden size={16} />
    </IconButton>
  );
  return (
    <header
      className={`flex items-center gap-x-3 gap-y-2 border-b border-line bg-surface ${isCompact ? 'px-2 py-1' : 'flex-wrap px-4 py-3'}`}
    >
      <Link
        to="/b/$businessId/conversations"
        params={{ businessId }}
        aria-label="All conversations"
        title="All conversations"
        className={buttonClass('quiet', true)}
      >
        <ArrowLeft aria-hidden size={16} className="rtl:-scale-x-100" />
      </Link>
      <div className={isCompact ? 'min-w-0 flex-1' : 'min-w-0 flex-1 basis-52'}>
        <h1
          className={`flex items-center gap-2 font-semibold tracking-tight ${isCompact ? '' : 'text-lg'}`}
        >
          <InitiationIcon type={conversation.InitiationType} />
          <span className="truncate" dir="auto">
            {title}
          </span>
        </h1>
        <Summary conversation={conversation} isCompact={isCompact} />
      </div>
      {isCompact ? (
        <>
          <IconButton
            label="Find and logs"
            aria-expanded={props.isFinding}
            onClick={() => props.onFinding(!props.isFinding)}
            className="-me-2"
          >
            <Search aria-hidden size={16} />
          </IconButton>
          <Menu align="end" trigger={more}>
            {neighbours && (
              <>
                <MenuItem
                  isDisabled={neighbours.previous === null}
                  onSelect={() => onGo(neighbours.previous)}
                >
                  <ChevronUp aria-hidden size={16} /> Previous conversation
                </MenuItem>
                <MenuItem
                  isDisabled={neighbours.next === null}
                  onSelect={() => onGo(neighbours.next)}
                >
                  <ChevronDown aria-hidden size={16} /> Next conversation
                </MenuItem>
              </>
            )}
            <MenuItem onSelect={onCopyMoment}>
              <Link2 aria-hidden size={16} /> Copy link
            </MenuItem>
            {downloads}
            {eraseItem && <MenuLine />}
            {eraseItem}
          </Menu>
        </>
      ) : (
        <>
          {neighbours && (
            <div className="flex">
              <IconButton
                label="Previous conversation"
                disabled={neighbours.previous === null}
                onClick={() => onGo(neighbours.previous)}
              >
                <ChevronUp aria-hidden size={16} />
              </IconButton>
              <IconButton
                label="Next conversation"
                disabled={neighbours.next === null}
                onClick={() => onGo(neighbours.next)}
              >
                <ChevronDown aria-hidden size={16} />
              </IconButton>
            </div>
          )}
          <Button onClick={onCopyMoment}>
            <Link2 aria-hidden size={14} /> Copy link
          </Button>
          <Menu
            align="end"
            trigger={
              <button type="button" className={buttonClass()}>
                <Download aria-hidden size={14} /> Download
              </button>
            }
          >
            {downloads}
          </Menu>
          {eraseItem && (
            <Menu align="end" trigger={more}>
              {eraseItem}
            </Menu>
          )}
        </>
      )}
      <EraseDialog sessionId={conversation.Id} isOpen={asks} onClose={() => setAsks(false)} />
    </header>
  );
}

function Summary({
  conversation,
  isCompact,
}: {
  readonly conversation: Conversation;
  readonly isCompact: boolean;
}) {
  const { StartTime, EndTime } = conversation;
  const state =
    conversation.EndType === null ? (
      <StatusBadge status={conversation.Status} />
    ) : (
      <Outcome endType={conversation.EndType} />
    );
  const time = <Time at={StartTime} style="absolute" />;
  const duration = EndTime !== null && (
    <span className="tabular">{durationText(Date.parse(EndTime) - Date.parse(StartTime))}</span>
  );
  if (isCompact) {
    return (
      // What has no room on its line wraps out of sight; the details have it too.
      <p className="flex h-5 flex-wrap items-center gap-x-2 gap-y-2 overflow-hidden text-xs text-ink-soft">
        {state}
        {time}
        {duration}
      </p>
    );
  }
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-ink-soft">
      {time}
      {duration}
      {agentText(conversation) !== '' && (
        <span className="max-w-full truncate">
          with <bdi>{agentText(conversation)}</bdi>
        </span>
      )}
      {state}
    </p>
  );
}
