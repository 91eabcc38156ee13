import { useEffect, useRef } from 'react';

/**
 * Keys such as "j", "?", "space", "up", "g c" (one after the other) or "mod+k" (Ctrl, on a Mac Cmd),
 * and what they do.
 */
export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const SEQUENCE_MILLISECONDS = 1_200;
let pending: { key: string; at: number } | null = null;

/** Does what keys are for, as long as the component is there; not while somebody writes. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const name = nameOf(event);
      if (!name.startsWith('mod+') && isTaken(event, name)) return;
      const begun =
        pending && event.timeStamp - pending.at < SEQUENCE_MILLISECONDS ? pending : null;
      const sequence = begun && begun.at !== event.timeStamp ? `${begun.key} ${name}` : null;
      const action = (sequence !== null && latest.current[sequence]) || latest.current[name];
      if (action) {
        event.preventDefault();
        pending = null;
        action(event);
      } else if (startsSequence(latest.current, name)) {
        pending = { key: name, at: event.timeStamp };
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}

const startsSequence = (shortcuts: Shortcuts, name: string) =>
  Object.keys(shortcuts).some((keys) => keys.startsWith(`${name} `));

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'space',
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

function nameOf(event: KeyboardEvent): string {
  if (event.ctrlKey || event.metaKey) return `mod+${event.key.toLowerCase()}`;
  if (event.altKey) return `alt+${event.key}`;
  return NAMES[event.key] ?? event.key;
}

const FIELDS =
  'input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [role=dialog], [role=menu], [role=listbox]';
const PRESSED = 'button, a, summary, input, [role=button], [role=switch]';

/** Whether the key belongs to what has the focus: a field, a window over the page, or what is pressed. */
function isTaken({ target }: KeyboardEvent, name: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const presses = name === 'space' || name === 'Enter';
  return (
    target.isContentEditable ||
    target.closest(FIELDS) !== null ||
    (presses && target.closest(PRESSED) !== null)
  );
}
