import type { ComponentProps, ReactNode } from 'react';
import type { Change } from '../../api/use-op.ts';
import { Button, type ButtonProps } from '../button.tsx';
import { Failure } from '../notice.tsx';

interface FormProps extends Omit<ComponentProps<'form'>, 'onSubmit'> {
  readonly onSubmit: () => void;
}

export const Form = ({ onSubmit, ...props }: FormProps) => (
  <form
    className="flex flex-col gap-3"
    {...props}
    onSubmit={(event) => {
      event.preventDefault();
      onSubmit();
    }}
  />
);

interface DialogFormProps extends FormProps {
  readonly submit: string;
  readonly look?: ButtonProps['look'];
  readonly isDisabled?: boolean;
  readonly change?: Change;
  readonly note?: ReactNode;
  readonly onCancel: () => void;
}

export function DialogForm(props: DialogFormProps) {
  const { submit, look = 'primary', isDisabled, change, note, onCancel, children, ...form } = props;
  return (
    <Form {...form}>
      {children}
      {change?.error && <Failure error={change.error} />}
      <div
        className={`flex justify-end gap-2 ${note === undefined ? '' : 'flex-wrap items-center'}`}
      >
        {note}
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look={look} isBusy={change?.isPending ?? false} disabled={isDisabled}>
          {submit}
        </Button>
      </div>
    </Form>
  );
}
