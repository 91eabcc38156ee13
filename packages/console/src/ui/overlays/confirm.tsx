import { type ReactNode, useState } from 'react';
import type { Change } from '../../api/use-op.ts';
import { Button } from '../button.tsx';
import { Failure } from '../notice.tsx';
import { Dialog } from './dialog.tsx';

interface Question {
  readonly title: string;
  readonly children: ReactNode;
  /** Text of the button: verb and object, such as "Revoke key". */
  readonly action: string;
}

interface Props extends Question {
  /** Text of the other button if "Cancel" could be taken for the action. */
  readonly dismiss?: string;
  readonly isOpen: boolean;
  readonly change?: Change;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function Confirm(props: Props) {
  const { title, children, action, dismiss = 'Cancel', isOpen, change, onConfirm, onClose } = props;
  const error = change?.error ?? null;
  // Hides errors from before it was opened.
  const [previousError, setPreviousError] = useState(error);
  if (!isOpen && previousError !== error) setPreviousError(error);
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose}>
      <div className="text-ink-soft">{children}</div>
      {error && error !== previousError && <Failure error={error} />}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>{dismiss}</Button>
        <Button look="danger" isBusy={change?.isPending ?? false} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}

interface ConfirmButtonProps<Input> extends Question {
  readonly text: string;
  readonly label: string;
  readonly change: Change & {
    readonly mutate: (input: Input, options: { readonly onSuccess: () => void }) => void;
  };
  readonly input: Input;
}

/** A button for a change that must be confirmed. */
export function ConfirmButton<Input>(props: ConfirmButtonProps<Input>) {
  const { text, label, change, input, ...question } = props;
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button text={text} look="danger" aria-label={label} onClick={() => setOpen(true)} />
      <Confirm
        {...{ ...question, change, isOpen }}
        onConfirm={() => change.mutate(input, { onSuccess: close })}
        onClose={close}
      />
    </>
  );
}
