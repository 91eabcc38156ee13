import { useState } from 'react';
import { useChange, useOp } from '../../api/use-op.ts';
import { visibleData } from '../../api/visible-data.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { Button } from '../../ui/button.tsx';
import { Check, toggled } from '../../ui/forms/check.tsx';
import { Field } from '../../ui/forms/field.tsx';
import { Form } from '../../ui/forms/form.tsx';
import { Failure, ReadState } from '../../ui/notice.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { ReadOnly } from '../read-only.tsx';
import {
  CATEGORY_WORDS,
  type Category,
  DETECTED_CATEGORIES,
  MARKED_CATEGORIES,
} from './redaction-categories.ts';

export function RedactionSection() {
  const businessId = useBusinessId();
  const read = useOp('GetRedaction', { businessId });
  const data = visibleData(read);
  return (
    <Page
      title="Redaction"
      lead="What is masked in messages, logs, tool calls, metadata and queues for people who may not see the original. Stored data does not change."
    >
      <ReadState read={read} />
      {data && <RedactionForm categories={data.Categories} country={data.DefaultCountry ?? ''} />}
    </Page>
  );
}

const COUNTRY = /^(?:[A-Z]{2})?$/;

interface RedactionFormProps {
  readonly categories: readonly Category[];
  readonly country: string;
}

function RedactionForm({ categories, country }: RedactionFormProps) {
  const businessId = useBusinessId();
  const mayChange = useMay()('Settings', 'Editing');
  /** null: unchanged. */
  const [given, setGiven] = useState<readonly Category[] | null>(null);
  const chosen = given ?? categories;
  const [givenCountry, setGivenCountry] = useState<string | null>(null);
  const chosenCountry = givenCountry ?? country;
  const put = useChange('PutRedaction', ['GetRedaction']);
  const isSame =
    [...chosen].sort().join() === [...categories].sort().join() && chosenCountry === country;
  const isCountry = COUNTRY.test(chosenCountry);
  const onSubmit = () => {
    const DefaultCountry = chosenCountry === '' ? null : chosenCountry;
    const onSuccess = () => {
      setGiven(null);
      setGivenCountry(null);
    };
    put.mutate({ businessId, Categories: [...chosen], DefaultCountry }, { onSuccess });
  };
  return (
    <Form onSubmit={onSubmit} className="flex flex-col gap-4">
      {!mayChange && <ReadOnly />}
      <Card
        title="Detected automatically"
        lead="By patterns and check digits, in text and in English number words, not in those of other languages or with escapes or markup between the digits (%20, <br>). Detection misses some values: mark those with AddRedactions."
      >
        <CategoryList
          names={DETECTED_CATEGORIES}
          chosen={chosen}
          mayChange={mayChange}
          onChange={setGiven}
        />
        <div className="mt-4 max-w-xs">
          <Field
            label="Country of national phone numbers"
            value={chosenCountry}
            onText={(text) => setGivenCountry(text.trim().toUpperCase())}
            hint="Two letters, such as DE. If empty, only numbers with a country code are masked."
            error={isCountry ? null : 'Enter two letters, such as DE, or leave it empty.'}
            maxLength={2}
            disabled={!mayChange}
          />
        </div>
      </Card>
      <Card
        title="Marked manually"
        lead="What patterns cannot detect; programs mark it with AddRedactions once a conversation has ended."
      >
        <CategoryList
          names={MARKED_CATEGORIES}
          chosen={chosen}
          mayChange={mayChange}
          onChange={setGiven}
        />
      </Card>
      <p className="text-ink-soft">
        If any category is on, names and numbers of participants are masked too, and their ids are
        replaced by stable tokens. Recordings are silent where masked content is spoken. Admins,
        Owners and keys with “<span className="whitespace-nowrap">Unredacted content</span>” see the
        original.
      </p>
      {put.error && <Failure error={put.error} />}
      {mayChange && (
        <div className="flex items-center gap-3">
          <Button
            type="submit"
            look="primary"
            isBusy={put.isPending}
            disabled={isSame || !isCountry}
          >
            Save
          </Button>
          <span role="status" className="text-ink-soft">
            {isSame
              ? put.isSuccess && 'Saved.'
              : 'Not saved yet. Takes effect with the next request once saved.'}
          </span>
        </div>
      )}
    </Form>
  );
}

interface CategoryListProps {
  readonly names: readonly Category[];
  readonly chosen: readonly Category[];
  readonly mayChange: boolean;
  readonly onChange: (chosen: readonly Category[]) => void;
}

function CategoryList({ names, chosen, mayChange, onChange }: CategoryListProps) {
  return (
    <ul className="flex flex-col gap-2">
      {names.map((name) => (
        <li key={name}>
          <Check
            layout="flex items-start gap-2.5"
            className="mt-1"
            disabled={!mayChange}
            checked={chosen.includes(name)}
            onCheck={() => onChange(toggled(chosen, name))}
          >
            <span>
              <span className="font-medium">{CATEGORY_WORDS[name].label}</span>{' '}
              <code className="ms-1 rounded bg-sunken px-1 font-mono text-xs">[{name}]</code>
              <span className="block text-ink-soft">{CATEGORY_WORDS[name].masks}</span>
              {CATEGORY_WORDS[name].misses !== undefined && (
                <span className="block text-ink-soft">{CATEGORY_WORDS[name].misses}</span>
              )}
            </span>
          </Check>
        </li>
      ))}
    </ul>
  );
}
