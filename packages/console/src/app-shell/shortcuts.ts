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
    window.addEventListener('pointerdown', onPointerDown, true);
    window.addEventListener('focusin', onFocusIn);
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

/** What keys are called that do not write a letter or a digit, alone and with Shift. */
const SIGNS: Readonly<Record<string, readonly [string, string]>> = {
  Slash: ['/', '?'],
  BracketLeft: ['[', '{'],
  BracketRight: [']', '}'],
  Comma: [',', '<'],
  Period: ['.', '>'],
};

function nameOf(event: KeyboardEvent): string {
  const key = latinKey(event);
  // Where "[" takes AltGr, that is Ctrl and Alt to some systems.
  if (event.getModifierState('AltGraph')) return key;
  if (event.ctrlKey || event.metaKey) return `mod+${key.toLowerCase()}`;
  if (event.altKey) return `alt+${key}`;
  return NAMES[key] ?? key;
}

/** What a key writes; on keyboards of other scripts what it would write on one of Latin letters. */
function latinKey({ key, code, shiftKey }: KeyboardEvent): string {
  if (!/^[^\0-\x7f]/.test(key)) return key;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter !== undefined) return shiftKey ? letter : letter.toLowerCase();
  return SIGNS[code]?.[shiftKey ? 1 : 0] ?? key;
}

const TEXT_FIELDS = 'input:not([type=checkbox], [type=radio], [type=range]), textarea';
const FIELDS = `${TEXT_FIELDS}, select, [role=dialog], [role=menu], [role=listbox]`;
const PRESSED = 'button, a, summary, input, select, [role=button], [role=switch]';

/**
 * Whether the key belongs to what has the focus: a field, a window over the page, or what is pressed. What was
 * clicked has the focus too, but whoever clicks does not press it by keys: Space stays that of the page.
 */
function isTaken({ target }: KeyboardEvent, name: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (name === 'space' && target === clicked && !isOpen(target)) return false;
  const presses = name === 'space' || name === 'Enter';
  return (
    target.isContentEditable ||
    target.closest(FIELDS) !== null ||
    (presses && target.closest(PRESSED) !== null)
  );
}

/** A list of choices that is unfolded; browsers that cannot tell keep its keys to themselves. */
const isOpen = (target: HTMLElement): boolean =>
  CSS.supports('selector(:open)') && target.matches(':open');

/** What was given the focus by a click, until something else is given it. */
let clicked: Element | null = null;

function onPointerDown({ target }: PointerEvent): void {
  const element = target instanceof Element ? target : null;
  const control = element?.closest(PRESSED) ?? element?.closest('label')?.control ?? null;
  clicked = control?.matches(TEXT_FIELDS) ? null : control;
}

function onFocusIn({ target }: FocusEvent): void {
  if (target !== clicked) clicked = null;
}
