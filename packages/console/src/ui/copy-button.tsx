import { Check, Copy, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, type ButtonProps } from './button.tsx';

const LOOKS = {
  idle: { icon: Copy, milliseconds: null },
  copied: { icon: Check, milliseconds: 2_000 },
  failed: { icon: TriangleAlert, milliseconds: 10_000 },
} as const;

interface Props extends ButtonProps {
  readonly text: string;
  readonly label?: string;
}

export function CopyButton({ text, label = 'Copy', ...props }: Props) {
  const [state, setState] = useState<keyof typeof LOOKS>('idle');
  const { icon: Icon, milliseconds } = LOOKS[state];
  useEffect(() => {
    if (milliseconds === null) return;
    const timer = setTimeout(() => setState('idle'), milliseconds);
    return () => clearTimeout(timer);
  }, [milliseconds]);
  const said = { idle: label, copied: 'Copied', failed: 'Not copied: select the text yourself' };
  return (
    <Button
      {...props}
      onClick={() => void copyText(text).then((works) => setState(works ? 'copied' : 'failed'))}
    >
      <Icon aria-hidden size={14} />
      <span aria-live="polite">{said[state]}</span>
    </Button>
  );
}

/** False if copying failed. Works without TLS too, where browsers have no clipboard API. */
export async function copyText(text: string): Promise<boolean> {
  if (!navigator.clipboard) return copySelected(text);
  return navigator.clipboard.writeText(text).then(
    () => true,
    // The browser or user may forbid the API, but not the selection.
    () => copySelected(text),
  );
}

/** Copies a selection. Does not move the focus, because an open dialog would reclaim it. */
function copySelected(text: string): boolean {
  const element = document.createElement('span');
  element.textContent = text;
  element.style.cssText = 'position: fixed; inset-block-start: 0; white-space: pre; opacity: 0';
  document.body.append(element);
  let isHandledByFocus = false;
  const onCopy = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    isHandledByFocus = event.clipboardData !== null;
  };
  document.addEventListener('copy', onCopy);
  getSelection()?.selectAllChildren(element);
  const works = document.execCommand('copy');
  document.removeEventListener('copy', onCopy);
  getSelection()?.removeAllRanges();
  element.remove();
  return works && isHandledByFocus;
}
