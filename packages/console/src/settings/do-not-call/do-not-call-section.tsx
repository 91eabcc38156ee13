import { useNavigate, useSearch } from '@tanstack/react-router';
import { PhoneOff } from 'lucide-react';
import { useState } from 'react';
import { type List, useList } from '../../api/use-list.ts';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/forms/field.tsx';
import { Form } from '../../ui/forms/form.tsx';
import { Empty } from '../../ui/notice.tsx';
import { ConfirmButton } from '../../ui/overlays/confirm.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { pluralize } from '../../ui/text/count.ts';
import { dated, Row, Rows, Small } from '../rows.tsx';
import { AddNumbers } from './add-numbers.tsx';

export function DoNotCallSection() {
  const businessId = useBusinessId();
  const { number: start } = useSearch({ from: '/inside/b/$businessId/settings/$section' });
  const navigate = useNavigate({ from: '/b/$businessId/settings/$section' });
  const find = (number: string | undefined) => void navigate({ search: { number } });
  const list = useList('GetDoNotCall', {
    businessId,
    Limit: 50,
    ...(start !== undefined && { StartsWith: start }),
  });
  return (
    <Page
      title="Do not call"
      lead="Calls to these numbers are refused and never handed to a worker."
    >
      <AddNumbers />
      <Card title="On the list" lead={start === undefined ? listedText(list) : undefined}>
        <FindNumber start={start} onFind={find} />
        <Rows
          label="Do-not-call numbers"
          list={list}
          empty={
            start === undefined ? (
              <Empty icon={PhoneOff} title="No numbers yet">
                Add numbers of people who have asked not to be called.
              </Empty>
            ) : (
              <Empty icon={PhoneOff} title={`No number on the list starts with ${start}`} />
            )
          }
        >
          {(entry) => <NumberRow key={entry.Number} phone={entry.Number} addedAt={entry.AddedAt} />}
        </Rows>
      </Card>
    </Page>
  );
}

function listedText({ items, hasMore }: Pick<List<unknown>, 'items' | 'hasMore'>) {
  if (items === null || items.length === 0) return undefined;
  return `${hasMore ? 'More than ' : ''}${pluralize(items.length, 'number')}`;
}

const BETWEEN = /[\s()./-]/g;
const START = /^\+?\d{1,15}$/;

interface Props {
  readonly start: string | undefined;
  readonly onFind: (start: string | undefined) => void;
}

function FindNumber({ start, onFind }: Props) {
  const [given, setGiven] = useState(start ?? '');
  const [isChecked, setChecked] = useState(false);
  // The address has the value and changes when the user goes back.
  const [previous, setPrevious] = useState(start);
  if (previous !== start) {
    setPrevious(start);
    setGiven(start ?? '');
  }
  const digits = given.replaceAll(BETWEEN, '');
  const isRight = digits === '' || START.test(digits);
  const onSubmit = () => {
    setChecked(true);
    if (isRight) onFind(digits === '' ? undefined : digits.replace(/^\+?/, '+'));
  };
  return (
    <Form onSubmit={onSubmit} className="mb-2 flex max-w-xl gap-2 max-sm:flex-col">
      <div className="min-w-0 flex-1">
        <Field
          label="Find a number"
          type="tel"
          dir="ltr"
          value={given}
          onText={setGiven}
          placeholder="+49 30"
          hint="First digits, with the country code."
          error={isChecked && !isRight ? 'Enter digits, such as +49 30.' : null}
          maxLength={64}
        />
      </div>
      <div className="flex gap-2 sm:mt-6 sm:pt-0.5">
        <Button type="submit">Find</Button>
        {start !== undefined && (
          <Button text="Show all" look="quiet" onClick={() => onFind(undefined)} />
        )}
      </div>
    </Form>
  );
}

function NumberRow({ phone, addedAt }: { readonly phone: string; readonly addedAt: string }) {
  const businessId = useBusinessId();
  const remove = useChange('RemoveDoNotCall', ['GetDoNotCall']);
  return (
    <Row
      actions={
        <ConfirmButton
          text="Remove"
          label={`Remove ${phone}`}
          title={`Remove ${phone} from the list?`}
          action="Remove number"
          change={remove}
          input={{ businessId, number: phone }}
        >
          It may be called again, and waiting calls to it become due at once.
        </ConfirmButton>
      }
    >
      <p dir="ltr" className="text-start font-medium tabular">
        {phone}
      </p>
      <Small parts={[dated('added', addedAt)]} />
    </Row>
  );
}
