import { type ReactNode, useState } from 'react';
import { Button } from '../button.tsx';
import { Failure } from '../notice.tsx';
import { Dialog } from './dialog.tsx';

interface ConfirmProps {
  readonly title: string;
  readonly children: ReactNode;
  /** What the button says: a verb and what it does, "Revoke key". */
  readonly action: string;
  /** What the other button says where "Cancel" could be taken for the action. */
  readonly dismiss?: string;
  readonly isOpen: boolean;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before what cannot be undone. */
export function Confirm(props: ConfirmProps) {
  const { title, children, action, dismiss = 'Cancel', isOpen, isBusy, error } = props;
  const { onConfirm, onClose } = props;
  // What went wrong before it was opened is another matter.
  const [past, setPast] = useState(error);
  if (!isOpen && past !== error) setPast(error);
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose}>
      <div className="text-ink-soft">{children}</div>
      {error != null && error !== past && <Failure error={error} />}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>{dismiss}</Button>
        <Button look="danger" isBusy={isBusy} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
