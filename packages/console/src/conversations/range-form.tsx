import { type FormEvent, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/forms/field.tsx';
import { Dialog } from '../ui/overlays/dialog.tsx';
import { toInstant, toLocalInput } from '../ui/text/local-time.ts';

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
  // An unchanged time keeps the precision of the address.
  const exact = (local: string, before: string | undefined) =>
    local === toLocalInput(before) ? before : (toInstant(local) ?? undefined);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (isBackward) return;
    onChoose({ from: exact(given.from, from), to: exact(given.to, to) });
    onClose();
  };
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-3">
      <Field
        label="From"
        type="datetime-local"
        value={given.from}
        onChange={({ target }) => setGiven({ ...given, from: target.value })}
      />
      <Field
        label="To"
        type="datetime-local"
        value={given.to}
        error={isBackward ? 'The end is before the start.' : null}
        onChange={({ target }) => setGiven({ ...given, to: target.value })}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary">
          Apply
        </Button>
      </div>
    </form>
  );
}
