import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useChange } from '../api/use-op.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/forms/field.tsx';
import { Form } from '../ui/forms/form.tsx';
import { Failure } from '../ui/notice.tsx';

export function NewBusiness() {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const create = useChange('CreateBusiness', ['GetMyBusinesses']);
  const onSubmit = () =>
    create.mutate(
      { Name: name, TimeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
      {
        onSuccess: ({ BusinessId }) =>
          void navigate({ to: '/b/$businessId', params: { businessId: BusinessId } }),
      },
    );
  return (
    <Form onSubmit={onSubmit} className="flex flex-col gap-3 text-start">
      <Field label="Name of the business" value={name} onText={setName} maxLength={1024} required />
      {create.error && <Failure error={create.error} />}
      <Button text="Create business" type="submit" look="primary" isBusy={create.isPending} />
    </Form>
  );
}
