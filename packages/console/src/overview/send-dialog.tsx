import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/overlays/dialog.tsx';
import { GettingStarted } from './getting-started.tsx';

/** Sends another conversation. While it shows a new key, only its button closes it. */
export function SendDialog({ onClose }: { readonly onClose: () => void }) {
  const [hasKey, setHasKey] = useState(false);
  return (
    <Dialog title="Send a conversation" isOpen isWide isHeld={hasKey} onClose={onClose}>
      <GettingStarted onKey={() => setHasKey(true)} />
      <div className="mt-5 flex justify-end">
        <Button onClick={onClose}>{hasKey ? 'Done' : 'Close'}</Button>
      </div>
    </Dialog>
  );
}
