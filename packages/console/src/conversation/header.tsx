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
import { type ReactNode, useState } from 'react';
import { useBusinessId, useMay } from '../app-shell/business.ts';
import { InitiationIcon, Outcome, StatusBadge } from '../conversations/badges.tsx';
import { describeAgents } from '../conversations/facts.ts';
import { Button, buttonClass, IconButton } from '../ui/button.tsx';
import { Menu, MenuItem, MenuLine } from '../ui/overlays/menu.tsx';
import { formatDuration, Time } from '../ui/text/time.tsx';
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
  /** null: it was not opened from a list. */
  readonly neighbours: Neighbours | null;
  readonly onGo: (sessionId: string | null) => void;
  readonly isFinding: boolean;
  readonly onFinding: (isFinding: boolean) => void;
  readonly onCopyMoment: () => void;
  readonly onFailure: () => void;
}

export function Header(props: Props) {
  const { conversation, title } = props;
  const businessId = useBusinessId();
  const mayErase = useMay()('Conversations.ConversationPermissions', 'Deleting');
  const isCompact = useCompact();
  const [isErasing, setErasing] = useState(false);
  const Actions = isCompact ? CompactActions : WideActions;
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
      <Actions
        {...props}
        eraseItem={
          mayErase && (
            <MenuItem icon={Trash2} text="Erase…" isDangerous onSelect={() => setErasing(true)} />
          )
        }
      />
      <EraseDialog
        sessionId={conversation.Id}
        isOpen={isErasing}
        onClose={() => setErasing(false)}
      />
    </header>
  );
}

type ActionsProps = Props & { readonly eraseItem: ReactNode };

function CompactActions(props: ActionsProps) {
  const { neighbours, onGo, isFinding, onFinding, onCopyMoment, eraseItem } = props;
  return (
    <>
      <IconButton
        label="Find and logs"
        icon={Search}
        aria-expanded={isFinding}
        onClick={() => onFinding(!isFinding)}
        className="-me-2"
      />
      <Menu align="end" trigger={<IconButton label="More" icon={Ellipsis} look="quiet" />}>
        {neighbours && (
          <>
            <MenuItem
              icon={ChevronUp}
              isDisabled={neighbours.previous === null}
              onSelect={() => onGo(neighbours.previous)}
            >
              Previous conversation
            </MenuItem>
            <MenuItem
              icon={ChevronDown}
              isDisabled={neighbours.next === null}
              onSelect={() => onGo(neighbours.next)}
            >
              Next conversation
            </MenuItem>
          </>
        )}
        <MenuItem icon={Link2} text="Copy link" onSelect={onCopyMoment} />
        <DownloadItems {...props} />
        {eraseItem && <MenuLine />}
        {eraseItem}
      </Menu>
    </>
  );
}

function WideActions(props: ActionsProps) {
  const { neighbours, onGo, onCopyMoment, eraseItem } = props;
  return (
    <>
      {neighbours && (
        <div className="flex">
          <IconButton
            label="Previous conversation"
            icon={ChevronUp}
            disabled={neighbours.previous === null}
            onClick={() => onGo(neighbours.previous)}
          />
          <IconButton
            label="Next conversation"
            icon={ChevronDown}
            disabled={neighbours.next === null}
            onClick={() => onGo(neighbours.next)}
          />
        </div>
      )}
      <Button icon={Link2} text="Copy link" onClick={onCopyMoment} />
      <Menu align="end" trigger={<Button icon={Download}>Download</Button>}>
        <DownloadItems {...props} />
      </Menu>
      {eraseItem && (
        <Menu align="end" trigger={<IconButton label="More" icon={Ellipsis} look="plain" />}>
          {eraseItem}
        </Menu>
      )}
    </>
  );
}

interface SummaryProps {
  readonly conversation: Conversation;
  readonly isCompact: boolean;
}

function Summary({ conversation, isCompact }: SummaryProps) {
  const { StartTime, EndTime } = conversation;
  const state =
    conversation.EndType === null ? (
      <StatusBadge status={conversation.Status} />
    ) : (
      <Outcome endType={conversation.EndType} />
    );
  const time = <Time at={StartTime} style="absolute" />;
  const duration = EndTime !== null && (
    <span className="tabular">{formatDuration(Date.parse(EndTime) - Date.parse(StartTime))}</span>
  );
  if (isCompact) {
    return (
      // Items that do not fit wrap out of sight; the details show them too.
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
      {describeAgents(conversation) !== '' && (
        <span className="max-w-full truncate">
          with <bdi>{describeAgents(conversation)}</bdi>
        </span>
      )}
      {state}
    </p>
  );
}
