import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { Building2, CircleUserRound, FileSearch, Keyboard, LogOut, SunMoon } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type ReactNode, useLayoutEffect, useState } from 'react';
import { useOp } from '../api/use-op.ts';
import { useSignOut } from '../session/signed-in.tsx';
import { byWords } from '../ui/by-words.ts';
import { useBusinessId } from './business.ts';
import { PLACES } from './places.ts';
import { chooseTheme, THEMES } from './theme.ts';

const ITEM =
  'flex cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-2 data-[selected=true]:bg-accent-soft';
/** What could be the id of a conversation. */
const ID = /^[A-Za-z0-9_.:-]{3,128}$/;

/** Goes anywhere by a few letters. */
export function Palette({
  typed,
  onClose,
  onShortcuts,
}: {
  /** What was typed before it was there; it is taken. */
  readonly typed: { current: string };
  readonly onClose: () => void;
  readonly onShortcuts: () => void;
}) {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const [text, setText] = useState('');
  // Only once it stands there: until then more is typed.
  useLayoutEffect(() => {
    setText((text) => typed.current || text);
    typed.current = '';
  }, [typed]);
  const search = text.trim().slice(0, 200);
  const { data } = useOp(
    'GetMyBusinesses',
    { Limit: 20, ...(search !== '' && { Search: search }) },
    { keepPrevious: true },
  );
  const item = (label: string, icon: ReactNode, act: () => void, keys?: string) => (
    <Command.Item
      key={label}
      value={label}
      className={ITEM}
      onSelect={() => {
        onClose();
        act();
      }}
    >
      {icon}
      {label}
      {keys !== undefined && <kbd className="ms-auto font-mono text-xs text-ink-faint">{keys}</kbd>}
    </Command.Item>
  );
  return (
    <Dialog.Root open onOpenChange={(isOpen) => isOpen || onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/45 animate-appear" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-3 top-[12vh] z-50 mx-auto max-w-xl overflow-hidden rounded-xl border border-line bg-raised shadow-2xl focus:outline-none"
        >
          <Dialog.Title className="sr-only">Go to</Dialog.Title>
          <Command label="Go to" loop filter={byWords}>
            <Command.Input
              value={text}
              onValueChange={setText}
              // At once, so that no key gets lost; the dialog's own focus comes later and selects the text.
              autoFocus
              placeholder="A place, a business, or the id of a conversation…"
              className="w-full border-b border-line bg-transparent px-4 py-3 placeholder:text-ink-faint focus:outline-none"
            />
            <Command.List className="max-h-[50vh] overflow-y-auto p-2">
              <Command.Empty className="px-3 py-6 text-center text-ink-faint">
                Nothing is called that.
              </Command.Empty>
              <Group heading="Places">
                {PLACES.map(({ label, icon: Icon, to, keys }) =>
                  item(
                    label,
                    <Icon aria-hidden size={16} />,
                    () => void navigate({ to, params: { businessId } }),
                    keys,
                  ),
                )}
              </Group>
              {ID.test(text.trim()) && (
                <Group heading="By id">
                  {item(
                    `Open the conversation with the id ${text.trim()}`,
                    <FileSearch aria-hidden size={16} />,
                    () =>
                      void navigate({
                        to: '/b/$businessId/conversations/$sessionId',
                        params: { businessId, sessionId: text.trim() },
                      }),
                  )}
                </Group>
              )}
              <Group heading="Businesses">
                {data?.Items.map((one) =>
                  item(
                    `${one.Name} (${one.BusinessId})`,
                    <Building2 aria-hidden size={16} />,
                    () =>
                      void navigate({
                        to: '/b/$businessId',
                        params: { businessId: one.BusinessId },
                      }),
                  ),
                )}
              </Group>
              <Group heading="This console">
                {THEMES.map((theme) =>
                  item(`Colours: ${theme}`, <SunMoon aria-hidden size={16} />, () =>
                    chooseTheme(theme),
                  ),
                )}
                {item('Keyboard shortcuts', <Keyboard aria-hidden size={16} />, onShortcuts, '?')}
                {item(
                  'Your account',
                  <CircleUserRound aria-hidden size={16} />,
                  () => void navigate({ to: '/account' }),
                )}
                {item('Sign out', <LogOut aria-hidden size={16} />, signOut)}
              </Group>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Group({ heading, children }: { readonly heading: string; readonly children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-faint"
    >
      {children}
    </Command.Group>
  );
}
