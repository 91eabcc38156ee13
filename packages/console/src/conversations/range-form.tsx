import { useState } from 'react';
import { bind, Field } from '../ui/forms/field.tsx';
import { DialogForm } from '../ui/forms/form.tsx';
import { Dialog } from '../ui/overlays/dialog.tsx';
import { toExactInstant, toLocalInput } from '../ui/text/local-time.ts';

interface Range {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

interface Props extends Range {
  readonly onClose: () => void;
  readonly onChoose: (range: Range) => void;
}

export function RangeForm({ isOpen, ...props }: Props & { readonly isOpen: boolean }) {
  return (
    <Dialog
      title="Started between"
      description={`In your time zone (${Intl.DateTimeFormat().resolvedOptions().timeZone}). Leave a field empty for no limit.`}
      isOpen={isOpen}
      onClose={props.onClose}
    >
      {/* Mounted on opening, to start with the values of the address. */}
      <Times {...props} />
    </Dialog>
  );
}

function Times({ from, to, onClose, onChoose }: Props) {
  const [given, setGiven] = useState({ from: toLocalInput(from), to: toLocalInput(to) });
  const isBackward = given.from !== '' && given.to !== '' && given.from > given.to;
  const onSubmit = () => {
    if (isBackward) return;
    onChoose({
      from: toExactInstant(given.from, from) ?? undefined,
      to: toExactInstant(given.to, to) ?? undefined,
    });
    onClose();
  };
  const field = bind(given, setGiven);
  return (
    <DialogForm submit="Apply" onSubmit={onSubmit} onCancel={onClose}>
      <Field label="From" type="datetime-local" {...field('from')} />
      <Field
        label="To"
        type="datetime-local"
        {...field('to')}
        error={isBackward ? 'The end is before the start.' : null}
      />
    </DialogForm>
  );
}
