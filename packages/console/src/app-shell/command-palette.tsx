import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import {
  Building2,
  CircleUserRound,
  Keyboard,
  LogOut,
  type LucideIcon,
  Megaphone,
  MessagesSquare,
  Phone,
  SunMoon,
} from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useLayoutEffect, useState } from 'react';
import { hasReason } from '../api/failure.ts';
import { opQuery, useOp } from '../api/use-op.ts';
import { useSignOut } from '../session/signed-in-layout.tsx';
import { fuzzyMatch } from '../ui/text/fuzzy-match.ts';
import { useBusinessId, useMay } from './business.ts';
import { callLink, campaignLink, conversationLink, sectionLink } from './links.ts';
import { PLACES } from './places.ts';
import { MAKE_CALLS, SETTINGS_PLACES } from './settings-places.ts';
import { chooseTheme, THEMES } from './theme.ts';

const ITEM =
  'flex cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-2 data-[selected=true]:bg-accent-soft';
const ID = /^[A-Za-z0-9_.:-]{3,128}$/;
const NO_WORD = /[\d_:-]/;
const CONVERSATION_ID = /^session_./;
const CALL_ID = /^queue_./;

interface Target {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly act: () => void;
  readonly keys?: string;
}

interface TargetGroup {
  readonly heading: string;
  readonly targets: readonly Target[];
}

interface Props {
  /** Keys that were typed while the palette was loading; emptied when taken over. */
  readonly typed: { current: string };
  readonly onClose: () => void;
  readonly onShortcuts: () => void;
}

export function Palette({ typed, onClose, onShortcuts }: Props) {
  const [text, setText] = useState('');
  // In a layout effect: keys may be typed until the palette is in the document.
  useLayoutEffect(() => {
    setText((text) => typed.current || text);
    typed.current = '';
  }, [typed]);
  const search = text.trim();
  const places = usePlaces(search, onShortcuts);
  const isMatched = places.some(({ targets }) =>
    targets.some(({ label }) => fuzzyMatch(label, search) > 0),
  );
  const byId = useById(search, isMatched);
  const groups = [...places, ...byId].filter(({ targets }) => targets.length > 0);
  return (
    <Dialog.Root open onOpenChange={(isOpen) => isOpen || onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/45 animate-appear" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-3 top-[12vh] z-50 mx-auto max-w-xl overflow-hidden rounded-xl border border-line bg-raised shadow-2xl focus:outline-none"
        >
          <Dialog.Title className="sr-only">Go to</Dialog.Title>
          <Command label="Go to" loop filter={fuzzyMatch}>
            <Command.Input
              value={text}
              onValueChange={setText}
              // Focus immediately to lose no keys; the dialog focuses later and selects the text.
              autoFocus
              placeholder="A page, setting, campaign, business or id…"
              className="w-full border-b border-line bg-transparent px-4 py-3 placeholder:text-ink-faint focus:outline-none"
            />
            <Command.List className="max-h-[50vh] overflow-y-auto p-2">
              <Command.Empty className="px-3 py-6 text-center text-ink-faint">
                No matches.
              </Command.Empty>
              {groups.map(({ heading, targets }) => (
                <Command.Group
                  key={heading}
                  heading={heading}
                  className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-faint"
                >
                  {targets.map(({ label, icon: Icon, act, keys }) => (
                    <Command.Item
                      key={label}
                      value={label}
                      className={ITEM}
                      onSelect={() => {
                        onClose();
                        act();
                      }}
                    >
                      <Icon aria-hidden size={16} className="shrink-0" />
                      <bdi className="min-w-0 break-words">{label}</bdi>
                      {keys !== undefined && (
                        <kbd className="ms-auto font-mono text-xs text-ink-faint">{keys}</kbd>
                      )}
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function usePlaces(search: string, onShortcuts: () => void): readonly TargetGroup[] {
  const businessId = useBusinessId();
  const may = useMay();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { data: businesses } = useOp(
    'GetMyBusinesses',
    { Limit: 20, ...(search !== '' && { Search: search.slice(0, 200) }) },
    { keepPrevious: true },
  );
  const isTyped = search !== '';
  const { data: campaigns } = useOp(
    'GetCampaigns',
    { businessId, Limit: 100 },
    { enabled: isTyped && may(...MAKE_CALLS) },
  );
  const settings = SETTINGS_PLACES.filter(
    ({ permission }) => permission === null || may(...permission),
  );
  return [
    {
      heading: 'Pages',
      targets: PLACES.map(({ to, ...place }) => ({
        ...place,
        act: () => void navigate({ to, params: { businessId } }),
      })),
    },
    {
      heading: 'Settings',
      targets: (isTyped ? settings : []).map(({ id, label, icon }) => ({
        label: `Settings: ${label}`,
        icon,
        act: () => void navigate(sectionLink(businessId, id)),
      })),
    },
    {
      heading: 'This console',
      targets: [
        ...THEMES.map((theme) => ({
          label: `Theme: ${theme}`,
          icon: SunMoon,
          act: () => chooseTheme(theme),
        })),
        { label: 'Keyboard shortcuts', icon: Keyboard, act: onShortcuts, keys: '?' },
        {
          label: 'Your account',
          icon: CircleUserRound,
          act: () => void navigate({ to: '/account' }),
        },
        { label: 'Sign out', icon: LogOut, act: signOut },
      ],
    },
    {
      heading: 'Campaigns',
      targets: (isTyped ? (campaigns?.Items ?? []) : []).map(({ CampaignId, Name }) => ({
        label: `${Name} (${CampaignId})`,
        icon: Megaphone,
        act: () => void navigate(campaignLink(businessId, CampaignId)),
      })),
    },
    {
      heading: 'Businesses',
      targets: (businesses?.Items ?? []).map(({ BusinessId, Name }) => ({
        label: `${Name} (${BusinessId})`,
        icon: Building2,
        act: () => void navigate({ to: '/b/$businessId', params: { businessId: BusinessId } }),
      })),
    },
  ];
}

/** Calls and conversations by their prefixes, and any text that can be nothing else. */
function useById(id: string, isMatched: boolean): readonly TargetGroup[] {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const may = useMay();
  if (!ID.test(id)) return [];
  const isCall = CALL_ID.test(id) && may(...MAKE_CALLS);
  if (!isCall && !CONVERSATION_ID.test(id) && (isMatched || !NO_WORD.test(id))) return [];
  const openConversation = () => void navigate(conversationLink(businessId, id));
  // The id does not contain the direction of the call.
  const openCall = async () => {
    const isInbound = await queries
      .fetchQuery(opQuery('GetOutboundQueue', { businessId, queueId: id }))
      .then(
        () => false,
        (error) => hasReason(error, 'NOT_FOUND'),
      );
    await navigate(callLink(businessId, isInbound, id));
  };
  return [
    {
      heading: 'By id',
      targets: isCall
        ? [{ label: `Open call ${id}`, icon: Phone, act: () => void openCall() }]
        : [{ label: `Open conversation ${id}`, icon: MessagesSquare, act: openConversation }],
    },
  ];
}
