import { Dialog } from '../ui/overlays/dialog.tsx';
import { PLACES } from './places.ts';

const GROUPS: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['Ctrl K or ⌘ K', 'Go to…'],
      ['?', 'Keyboard shortcuts'],
      ...PLACES.map(({ keys, label }) => [keys.replace(' ', ' then '), label] as const),
    ],
  },
  {
    title: 'In a list',
    keys: [
      ['/', 'Filter, or open by id'],
      ['j and k', 'Next and previous row'],
      ['Enter', 'Open'],
      ['] and [', 'Next and previous page'],
    ],
  },
  {
    title: 'In a conversation',
    keys: [
      ['Space', 'Play and pause'],
      ['← and →', 'Back and forward 5 seconds'],
      ['↑ and ↓', 'Previous and next message'],
      ['< and >', 'Slower and faster'],
      ['s', 'Skip silence'],
      ['j and k', 'Next and previous conversation'],
      ['m', 'Copy a link to this moment'],
      ['/', 'Search the transcript'],
    ],
  },
];

interface Props {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

export function ShortcutList({ isOpen, onClose }: Props) {
  return (
    <Dialog title="Keyboard shortcuts" isOpen={isOpen} onClose={onClose} isWide>
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
        {GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3 className="mb-1 text-xs text-ink-faint">{title}</h3>
            <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
              {keys.map(([key, does]) => (
                <div key={key} className="contents">
                  <dt>
                    <kbd className="rounded border border-line bg-sunken px-1.5 font-mono text-xs">
                      {key}
                    </kbd>
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
