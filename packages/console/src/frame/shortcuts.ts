import { useEffect, useRef } from 'react';

/**
 * Keys such as "j", "?", "space", "up", "g c" (one after the other) or "mod+k" (Ctrl, on a Mac Cmd),
 * and what they do.
 */
export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const SEQUENCE_MILLISECONDS = 1_200;
let begun: { readonly key: string; readonly at: number } | null = null;
/** Those of all components that are there. */
const sets = new Set<{ readonly current: Shortcuts }>();

/** Does what keys are for, as long as the component is there; not while somebody writes. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    // Once for all: adding the same listener again does nothing.
    window.addEventListener('keydown', onKeyDown);
    sets.add(latest);
    return () => {
      sets.delete(latest);
    };
  }, []);
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const name = nameOf(event);
  if (!name.startsWith('mod+') && isTaken(event, name)) return;
  const isInTime = begun !== null && event.timeStamp - begun.at < SEQUENCE_MILLISECONDS;
  // A sequence that has begun wins, whichever component it is of.
  const action = (isInTime && actionOf(`${begun?.key} ${name}`)) || actionOf(name);
  if (action) {
    event.preventDefault();
    begun = null;
    action(event);
  } else if (startsSequence(name)) {
    begun = { key: name, at: event.timeStamp };
  }
}

const actionOf = (keys: string) =>
  [...sets].map(({ current }) => current[keys]).find((action) => action !== undefined);

const startsSequence = (name: string) =>
  [...sets].some(({ current }) => Object.keys(current).some((keys) => keys.startsWith(`${name} `)));

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
