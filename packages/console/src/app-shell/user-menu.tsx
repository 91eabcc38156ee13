import { Link } from '@tanstack/react-router';
import { BookOpenText, CircleUserRound, Keyboard, LogOut } from 'lucide-react';
import { useSession } from '../session/session.ts';
import { useSignOut } from '../session/signed-in-layout.tsx';
import { useLocalStorage } from '../ui/browser/use-local-storage.ts';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine, MenuLink } from '../ui/overlays/menu.tsx';
import { TIME_STYLE } from '../ui/text/time.tsx';
import { chooseTheme, THEME } from './theme.ts';

const THEME_LABELS = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const;
const TIME_LABELS = [
  { value: 'relative', label: 'Relative: 5 minutes ago' },
  { value: 'absolute', label: 'Absolute' },
] as const;

export function UserMenu({ onShortcuts }: { readonly onShortcuts?: () => void }) {
  const { User: user } = useSession();
  const [theme] = useLocalStorage(THEME);
  const [times, setTimes] = useLocalStorage(TIME_STYLE);
  const signOut = useSignOut();
  return (
    <Menu
      side="top"
      trigger={
        <button
          type="button"
          className="flex w-full items-center gap-2 rounded-md p-2 text-start hover:bg-sunken"
        >
          <CircleUserRound aria-hidden size={18} className="shrink-0 text-ink-faint" />
          <span className="min-w-0">
            <span className="block truncate font-medium">
              <bdi>{user.Name}</bdi>
            </span>
            <span className="block truncate text-xs text-ink-faint">{user.Email}</span>
          </span>
        </button>
      }
    >
      <MenuLabel>Theme</MenuLabel>
      <MenuChoice values={THEME_LABELS} value={theme} onChange={chooseTheme} />
      <MenuLabel>Times</MenuLabel>
      <MenuChoice values={TIME_LABELS} value={times} onChange={setTimes} />
      <MenuLine />
      <MenuLink>
        <Link to="/account">
          <CircleUserRound aria-hidden size={16} /> Your account
        </Link>
      </MenuLink>
      {onShortcuts && <MenuItem icon={Keyboard} text="Keyboard shortcuts" onSelect={onShortcuts} />}
      <MenuLink>
        <a href="docs" target="_blank" rel="noreferrer">
          <BookOpenText aria-hidden size={16} /> API reference
        </a>
      </MenuLink>
      <MenuLine />
      <MenuItem icon={LogOut} text="Sign out" onSelect={signOut} />
    </Menu>
  );
}
