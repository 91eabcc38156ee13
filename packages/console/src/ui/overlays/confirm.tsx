import { type ReactNode, useState } from 'react';
import { Button } from '../button.tsx';
import { Failure } from '../notice.tsx';
import { Dialog } from './dialog.tsx';

interface ConfirmProps {
  readonly title: string;
  readonly children: ReactNode;
  /** Text of the button: verb and object, such as "Revoke key". */
  readonly action: string;
  /** Text of the other button if "Cancel" could be taken for the action. */
  readonly dismiss?: string;
  readonly isOpen: boolean;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function Confirm(props: ConfirmProps) {
  const { title, children, action, dismiss = 'Cancel', isOpen, isBusy, error } = props;
  const { onConfirm, onClose } = props;
  // Hides errors from before it was opened.
  const [previousError, setPreviousError] = useState(error);
  if (!isOpen && previousError !== error) setPreviousError(error);
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose}>
      <div className="text-ink-soft">{children}</div>
      {error != null && error !== previousError && <Failure error={error} />}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>{dismiss}</Button>
        <Button look="danger" isBusy={isBusy} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
