import { useEffect, useRef } from 'react';

/** By key: "j", "space", "up", "g c" (a sequence) or "mod+k" (Ctrl, or Cmd on a Mac). */
export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const SEQUENCE_MILLISECONDS = 1_200;
let startedSequence: { readonly key: string; readonly at: number } | null = null;
const sets = new Set<{ readonly current: Shortcuts }>();

export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    // Adding the same listener again has no effect.
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
  if (!name.startsWith('mod+') && isHandledByFocus(event, name)) return;
  const isInTime =
    startedSequence !== null && event.timeStamp - startedSequence.at < SEQUENCE_MILLISECONDS;
  // A started sequence wins, regardless of the component it belongs to.
  const action = (isInTime && actionOf(`${startedSequence?.key} ${name}`)) || actionOf(name);
  if (action) {
    event.preventDefault();
    startedSequence = null;
    action(event);
  } else if (startsSequence(name)) {
    startedSequence = { key: name, at: event.timeStamp };
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

const SIGNS: Readonly<Record<string, readonly [string, string]>> = {
  Slash: ['/', '?'],
  BracketLeft: ['[', '{'],
  BracketRight: [']', '}'],
  Comma: [',', '<'],
  Period: ['.', '>'],
};

function nameOf(event: KeyboardEvent): string {
  const key = latinKey(event);
  // Some systems report AltGr, which "[" needs on some keyboards, as Ctrl and Alt.
  if (event.getModifierState('AltGraph')) return key;
  if (event.ctrlKey || event.metaKey) return `mod+${key.toLowerCase()}`;
  if (event.altKey) return `alt+${key}`;
  return NAMES[key] ?? key;
}

/** On keyboards of other scripts, the character of the same key on a Latin one. */
function latinKey({ key, code, shiftKey }: KeyboardEvent): string {
  if (!/^[^\0-\x7f]/.test(key)) return key;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter !== undefined) return shiftKey ? letter : letter.toLowerCase();
  return SIGNS[code]?.[shiftKey ? 1 : 0] ?? key;
}

const TEXT_FIELDS = 'input:not([type=checkbox], [type=radio], [type=range]), textarea';
const FIELDS = `${TEXT_FIELDS}, select, [role=dialog], [role=menu], [role=listbox]`;
const PRESSED = 'button, a, summary, input, select, [role=button], [role=switch]';

/** After a click a control does not take Space: users then want it to play and pause. */
function isHandledByFocus({ target }: KeyboardEvent, name: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (name === 'space' && target === clicked && !isOpen(target)) return false;
  const presses = name === 'space' || name === 'Enter';
  return (
    target.isContentEditable ||
    target.closest(FIELDS) !== null ||
    (presses && target.closest(PRESSED) !== null)
  );
}

/** An open list of choices. In browsers without `:open`, the page takes Space instead. */
const isOpen = (target: HTMLElement): boolean =>
  CSS.supports('selector(:open)') && target.matches(':open');

let clicked: Element | null = null;

function onPointerDown({ target }: PointerEvent): void {
  const element = target instanceof Element ? target : null;
  const control = element?.closest(PRESSED) ?? element?.closest('label')?.control ?? null;
  clicked = control?.matches(TEXT_FIELDS) ? null : control;
}

function onFocusIn({ target }: FocusEvent): void {
  if (target !== clicked) clicked = null;
}
