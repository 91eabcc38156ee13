import {
  CatchBoundary,
  type ErrorComponentProps,
  Link,
  Outlet,
  useLocation,
  useNavigate,
} from '@tanstack/react-router';
import { Menu as MenuIcon, Search, WifiOff, X } from 'lucide-react';
import { Dialog as Drawer } from 'radix-ui';
import { Suspense, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useLiveReads } from '../api/live.ts';
import { forgetFailures, lazyPart, preloadParts } from '../ui/browser/lazy-part.ts';
import { writeStored } from '../ui/browser/use-local-storage.ts';
import { IconButton } from '../ui/button.tsx';
import { Failure } from '../ui/notice.tsx';
import { Dialog } from '../ui/overlays/dialog.tsx';
import { InAppShell } from './app-shell-context.ts';
import { LAST_BUSINESS, useBusinessId } from './business.ts';
import { BusinessSwitcher } from './business-switcher.tsx';
import { PLACES } from './places.ts';
import { useShortcuts } from './shortcuts.ts';
import { UserMenu } from './user-menu.tsx';

const Palette = lazyPart(() => import('./command-palette.tsx'), 'Palette');
const ShortcutList = lazyPart(() => import('./shortcut-list.tsx'), 'ShortcutList');
const QUIET_MILLISECONDS = 1_500;

export function AppShell() {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const [open, setOpen] = useState<'palette' | 'shortcuts' | null>(null);
  const close = () => setOpen(null);
  const typed = useRef('');
  const page = useRef<HTMLElement>(null);
  // Opens pages without delay, and the palette in time for keys typed right after its shortcut.
  useEffect(() => {
    if (hasDataSaver()) return;
    const timer = setTimeout(() => void preloadParts(), QUIET_MILLISECONDS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => writeStored(LAST_BUSINESS, businessId), [businessId]);
  useLiveReads(businessId);
  useShortcuts({
    ...Object.fromEntries(
      PLACES.map(({ to, keys }) => [keys, () => void navigate({ to, params: { businessId } })]),
    ),
    'mod+k': () => setOpen('palette'),
    '?': () => setOpen('shortcuts'),
  });
  return (
    <div className="flex h-full flex-col lg:flex-row">
      <SkipLink onSkip={() => page.current?.focus()} />
      <TopBar onSearch={() => setOpen('palette')} />
      <aside className="hidden w-56 shrink-0 flex-col gap-3 border-e border-line bg-surface p-3 lg:flex">
        <Brand />
        <BusinessSwitcher />
        <SearchButton onClick={() => setOpen('palette')} />
        <Navigation />
        <div className="mt-auto">
          <UserMenu onShortcuts={() => setOpen('shortcuts')} />
        </div>
      </aside>
      <main
        ref={page}
        id="page"
        tabIndex={-1}
        className="min-h-0 min-w-0 flex-1 overflow-y-auto outline-none"
      >
        <Offline />
        <InAppShell value={true}>
          <Outlet />
        </InAppShell>
      </main>
      {open !== null && (
        <CatchBoundary
          getResetKey={() => open}
          errorComponent={(props) => <DialogFailure {...props} onClose={close} />}
        >
          {open === 'palette' ? (
            <Suspense fallback={<TypeAheadInput onText={(text) => (typed.current = text)} />}>
              <Palette typed={typed} onClose={close} onShortcuts={() => setOpen('shortcuts')} />
            </Suspense>
          ) : (
            <Suspense>
              <ShortcutList isOpen onClose={close} />
            </Suspense>
          )}
        </CatchBoundary>
      )}
    </div>
  );
}

interface Props extends ErrorComponentProps {
  readonly onClose: () => void;
}

function DialogFailure({ error, reset, onClose }: Props) {
  const retry = () => {
    forgetFailures();
    reset();
  };
  return (
    <Dialog title="This can't be shown" isOpen onClose={onClose}>
      <Failure error={error} onRetry={retry} />
    </Dialog>
  );
}

const hasDataSaver = (): boolean =>
  'connection' in navigator &&
  (navigator.connection as { readonly saveData?: boolean }).saveData === true;

function SkipLink({ onSkip }: { readonly onSkip: () => void }) {
  // A bare fragment would be relative to the base URL of the page.
  const here = useLocation({ select: ({ publicHref }) => publicHref.replace(/#.*/, '') });
  return (
    <a
      href={`${here}#page`}
      onClick={(event) => {
        event.preventDefault();
        onSkip();
      }}
      className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded focus:bg-raised focus:px-3 focus:py-2"
    >
      Skip to the page
    </a>
  );
}

/** Collects keys that are typed while the palette is loading, which then takes them over. */
function TypeAheadInput({ onText }: { readonly onText: (text: string) => void }) {
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it receives the keys that are typed next
      autoFocus
      aria-label="Go to"
      onChange={({ target }) => onText(target.value)}
      className="fixed inset-x-3 top-[12vh] z-50 mx-auto w-auto max-w-xl rounded-xl border border-line bg-raised px-4 py-3 shadow-2xl focus:outline-none"
    />
  );
}

function TopBar({ onSearch }: { readonly onSearch: () => void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <header className="flex items-center gap-2 border-b border-line bg-surface px-3 py-2 lg:hidden">
      <Drawer.Root open={isOpen} onOpenChange={setOpen}>
        <Drawer.Trigger asChild>
          <IconButton label="Menu" icon={MenuIcon} iconSize={18} />
        </Drawer.Trigger>
        <Drawer.Portal>
          <Drawer.Overlay className="fixed inset-0 z-40 bg-black/45" />
          <Drawer.Content
            aria-describedby={undefined}
            className="fixed inset-y-0 start-0 z-50 flex w-72 max-w-[85vw] flex-col gap-3 border-e border-line bg-surface p-3 shadow-2xl focus:outline-none"
          >
            <div className="flex items-center">
              <Drawer.Title className="sr-only">Menu</Drawer.Title>
              <Brand />
              <Drawer.Close asChild>
                <IconButton label="Close the menu" icon={X} className="ms-auto" />
              </Drawer.Close>
            </div>
            <BusinessSwitcher />
            <Navigation onGo={() => setOpen(false)} />
            <div className="mt-auto">
              <UserMenu />
            </div>
          </Drawer.Content>
        </Drawer.Portal>
      </Drawer.Root>
      <Brand />
      <IconButton
        label="Search"
        icon={Search}
        iconSize={18}
        className="ms-auto"
        onClick={onSearch}
      />
    </header>
  );
}

function Brand() {
  return (
    <Link to="/" className="flex items-center gap-2 rounded px-1 font-semibold tracking-tight">
      <img src="./icon.svg" alt="" className="size-6" />
      Colloquy
    </Link>
  );
}

function SearchButton({ onClick }: { readonly onClick: () => void }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="flex h-8 items-center gap-2 rounded-md border border-line px-2 text-ink-faint hover:bg-sunken"
    >
      <Search aria-hidden size={14} />
      Go to…
      <kbd className="ms-auto font-sans text-xs">{isMac() ? '⌘K' : 'Ctrl K'}</kbd>
    </button>
  );
}

const isMac = () => /Mac|iPhone|iPad/.test(navigator.platform);

function Navigation({ onGo }: { readonly onGo?: () => void }) {
  const businessId = useBusinessId();
  return (
    <nav aria-label="Places" className="flex flex-col gap-0.5">
      {PLACES.map(({ label, icon: Icon, to }) => (
        <Link
          key={to}
          to={to}
          params={{ businessId }}
          {...(onGo && { onClick: onGo })}
          activeProps={{ className: 'bg-accent-soft text-accent-strong font-medium' }}
          inactiveProps={{ className: 'text-ink-soft hover:bg-sunken hover:text-ink' }}
          className="flex h-8 items-center gap-2.5 rounded-md px-2"
        >
          <Icon aria-hidden size={16} />
          {label}
        </Link>
      ))}
    </nav>
  );
}

function Offline() {
  const isOnline = useSyncExternalStore(subscribeOnline, () => navigator.onLine);
  return (
    <p role="status" className="sticky top-0 z-20">
      {!isOnline && (
        <span className="flex items-center justify-center gap-2 bg-warn-soft px-3 py-1.5 text-warn">
          <WifiOff aria-hidden size={14} className="shrink-0" />
          You are offline. What you see may be out of date.
        </span>
      )}
    </p>
  );
}

function subscribeOnline(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}
