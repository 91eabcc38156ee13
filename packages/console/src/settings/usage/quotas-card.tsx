import { useState } from 'react';
import { useChange } from '../../api/use-op.ts';
import { useSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/forms/field.tsx';
import { Form } from '../../ui/forms/form.tsx';
import { Failure } from '../../ui/notice.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { Card } from '../../ui/page.tsx';
import { formatBytes } from '../../ui/text/bytes.ts';
import { formatCount } from '../../ui/text/count.ts';
import { formatMinutes, storedBytes, type Usage } from './usage-text.ts';

const LEAD =
  'At a quota, new conversations, calls and recordings are refused. Conversations in progress continue.';

export function QuotasCard({ usage }: { readonly usage: Usage }) {
  const { User: user } = useSession();
  const [isEditing, setEditing] = useState(false);
  return (
    <Card
      title="This month and its quotas"
      lead={LEAD}
      actions={user.IsAdmin && <Button text="Set quotas" onClick={() => setEditing(true)} />}
    >
      <Levels usage={usage} />
      {!user.IsAdmin && (
        <p className="mt-3 text-xs text-ink-faint">Only admins of the installation set quotas.</p>
      )}
      <Dialog title="Quotas" isOpen={isEditing} onClose={() => setEditing(false)}>
        <QuotasForm usage={usage} onDone={() => setEditing(false)} />
      </Dialog>
    </Card>
  );
}

function Levels({ usage }: { readonly usage: Usage }) {
  const { ConversationsPerMonth, MinutesPerMonth, StoredBytes } = usage.Quotas;
  const month = usage.Months.at(-1);
  if (!month) return null;
  return (
    <ul className="grid grid-cols-1 gap-x-6 gap-y-4 sm:grid-cols-3" aria-label="Quotas">
      <Level
        label="Conversations"
        used={month.Conversations}
        quota={ConversationsPerMonth}
        text={formatCount}
      />
      <Level label="Minutes" used={month.Minutes} quota={MinutesPerMonth} text={formatMinutes} />
      <Level
        label={month.TranscriptBytesStored === null ? 'Stored, without transcripts' : 'Stored'}
        used={storedBytes(month)}
        quota={StoredBytes}
        text={formatBytes}
      />
    </ul>
  );
}

interface LevelProps {
  readonly label: string;
  readonly used: number;
  readonly quota: number | null;
  readonly text: (value: number) => string;
}

const NEARLY = 0.8;

function Level({ label, used, quota, text }: LevelProps) {
  const share = quota === null ? 0 : quota === 0 ? 1 : Math.min(used / quota, 1);
  const colour = share >= 1 ? 'bg-bad' : share >= NEARLY ? 'bg-warn' : 'bg-accent';
  return (
    <li>
      <p className="flex items-center gap-2 text-ink-soft">
        {label}
        {quota !== null && share >= 1 && <Badge tone="bad">Reached</Badge>}
      </p>
      <p className="mt-0.5 tabular">
        <span className="text-lg font-semibold">{text(used)}</span>{' '}
        <span className="text-ink-faint">{quota === null ? 'no quota' : `of ${text(quota)}`}</span>
      </p>
      {quota !== null && (
        <div aria-hidden className="mt-1.5 h-1.5 overflow-hidden rounded-full bg-sunken">
          <div className={`h-full ${colour}`} style={{ width: `${100 * share}%` }} />
        </div>
      )}
    </li>
  );
}

const GIGABYTE = 1e9;
const textOf = (value: number | null) => (value === null ? '' : String(value));
const limitOf = (text: string) => (text.trim() === '' ? null : Number(text));

interface FormProps {
  readonly usage: Usage;
  readonly onDone: () => void;
}

function QuotasForm({ usage: { BusinessId, Quotas }, onDone }: FormProps) {
  const [conversations, setConversations] = useState(textOf(Quotas.ConversationsPerMonth));
  const [minutes, setMinutes] = useState(textOf(Quotas.MinutesPerMonth));
  const stored = Quotas.StoredBytes === null ? null : Quotas.StoredBytes / GIGABYTE;
  const [gigabytes, setGigabytes] = useState(textOf(stored));
  const change = useChange('UpdateBusiness', ['GetUsage', 'ListUsage', 'ListBusinesses']);
  const onSubmit = () => {
    const given = limitOf(gigabytes);
    const ofForm = {
      ConversationsPerMonth: limitOf(conversations),
      MinutesPerMonth: limitOf(minutes),
      StoredBytes: given === null ? null : Math.round(given * GIGABYTE),
    };
    change.mutate({ businessId: BusinessId, Quotas: ofForm }, { onSuccess: onDone });
  };
  const numeric = { type: 'number', min: 0, inputMode: 'decimal' } as const;
  return (
    <Form onSubmit={onSubmit} className="flex flex-col gap-3">
      <p className="text-ink-soft">Leave a field empty for no quota. Months are in UTC.</p>
      <Field
        {...numeric}
        label="Conversations a month"
        step={1}
        value={conversations}
        onText={setConversations}
      />
      <Field {...numeric} label="Minutes a month" step={1} value={minutes} onText={setMinutes} />
      <Field
        {...numeric}
        label="Stored data in GB"
        hint="Transcripts and recordings together; 1 GB is 1,000,000,000 bytes."
        step="any"
        value={gigabytes}
        onText={setGigabytes}
      />
      {change.error && <Failure error={change.error} />}
      <div>
        <Button type="submit" look="primary" text="Save" isBusy={change.isPending} />
      </div>
    </Form>
  );
}
