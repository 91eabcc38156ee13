import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';

interface Props {
  readonly title: string;
  readonly secret: string;
  readonly warning: string;
  readonly children?: ReactNode;
  readonly onClose: () => void;
}

/** Shows a key or link that the server returns only once, so only its button closes it. */
export function SecretDialog({ title, secret, warning, children, onClose }: Props) {
  return (
    <Dialog title={title} isOpen isHeld onClose={onClose} isWide>
      <p className="flex items-start gap-2 rounded-lg bg-warn-soft px-3 py-2 text-warn">
        <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
        {warning}
      </p>
      <CopyLine text={secret} />
      {children}
      <div className="mt-5 flex justify-end">
        <Button text="Done" look="primary" onClick={onClose} />
      </div>
    </Dialog>
  );
}

export function CopyLine({ text }: { readonly text: string }) {
  return (
    <div className="mt-3 flex flex-wrap items-start gap-2">
      <code className="min-w-0 flex-1 basis-64 rounded-md border border-line bg-sunken px-3 py-1.5 font-mono text-xs break-all whitespace-pre-wrap select-all">
        {text}
      </code>
      <CopyButton text={text} />
    </div>
  );
}
