import { DELIVERY_STATUSES, DELIVERY_TYPES } from '@colloquy/wire';
import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { bind, type Edits, Field, Options, SelectField } from '../../ui/forms/field.tsx';
import { Form } from '../../ui/forms/form.tsx';
import { toExactInstant, toLocalInput } from '../../ui/text/local-time.ts';
import type { SettingsSearch } from '../search.ts';
import { parseStatus, parseType } from './event-words.ts';

export function DeliveryFilterBar({ search, onChange }: Edits<'search', SettingsSearch>) {
  const [given, setGiven] = useState({
    status: parseStatus(search.status) ?? '',
    type: parseType(search.type) ?? '',
    conversation: search.conversation ?? '',
    from: toLocalInput(search.from),
    to: toLocalInput(search.to),
  });
  const field = bind(given, setGiven);
  const onSubmit = () =>
    onChange({
      status: given.status || undefined,
      type: given.type || undefined,
      conversation: given.conversation.trim() || undefined,
      from: toExactInstant(given.from, search.from) ?? undefined,
      to: toExactInstant(given.to, search.to) ?? undefined,
    });
  const isFiltered = Object.values(search).some((value) => value !== undefined);
  return (
    <Form
      onSubmit={onSubmit}
      aria-label="Filter of the deliveries"
      className="mb-2 grid grid-cols-1 items-start gap-3 sm:grid-cols-2 lg:grid-cols-3"
    >
      <SelectField label="Status" {...field('status')}>
        <option value="">Any</option>
        <Options of={DELIVERY_STATUSES.map((one) => [one, one])} />
      </SelectField>
      <SelectField label="Event" {...field('type')}>
        <option value="">Any</option>
        <Options of={DELIVERY_TYPES.map((one) => [one, one])} />
      </SelectField>
      <Field
        label="Conversation"
        dir="ltr"
        placeholder="session_abc123"
        {...field('conversation')}
        maxLength={256}
      />
      <Field label="From" type="datetime-local" {...field('from')} />
      <Field label="Until" type="datetime-local" {...field('to')} />
      <div className="flex flex-wrap gap-2 sm:mt-6 sm:pt-0.5">
        <Button text="Filter" type="submit" />
        {isFiltered && <Button text="Clear all" look="quiet" onClick={() => onChange({})} />}
      </div>
    </Form>
  );
}
