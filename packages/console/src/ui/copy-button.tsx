import { Check, Copy, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, type ButtonProps } from './button.tsx';

const LOOKS = {
  idle: { icon: Copy, milliseconds: null },
  copied: { icon: Check, milliseconds: 2_000 },
  failed: { icon: TriangleAlert, milliseconds: 10_000 },
} as const;

/** Puts a text on the clipboard, and says for a moment whether that worked. */
export function CopyButton({
  text,
  label = 'Copy',
  ...props
}: ButtonProps & { readonly text: string; readonly label?: string }) {
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

/** Gives whether it worked; also where the page came without TLS, for which browsers have no clipboard. */
export async function copyText(text: string): Promise<boolean> {
  if (!navigator.clipboard) return copySelected(text);
  return navigator.clipboard.writeText(text).then(
    () => true,
    // The browser or its user forbids it; the old way may still be open.
    () => copySelected(text),
  );
}

/** The old way. What is selected takes no focus, which a window over the page would fetch back. */
function copySelected(text: string): boolean {
  const shown = document.createElement('span');
  shown.textContent = text;
  shown.style.cssText = 'position: fixed; inset-block-start: 0; white-space: pre; opacity: 0';
  document.body.append(shown);
  let isTaken = false;
  const onCopy = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    isTaken = event.clipboardData !== null;
  };
  document.addEventListener('copy', onCopy);
  getSelection()?.selectAllChildren(shown);
  const works = document.execCommand('copy');
  document.removeEventListener('copy', onCopy);
  getSelection()?.removeAllRanges();
  shown.remove();
  return works && isTaken;
}
