import { useId, useState } from 'react';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Button } from '../../ui/button.tsx';
import { Check } from '../../ui/forms/check.tsx';
import { bind, Field } from '../../ui/forms/field.tsx';
import { DialogForm } from '../../ui/forms/form.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { pluralize } from '../../ui/text/count.ts';
import { toExactInstant, toLocalInput } from '../../ui/text/local-time.ts';
import type { SettingsSearch } from '../search.ts';

const WAYS = {
  conversation: 'All deliveries of a conversation',
  range: 'All deliveries that were created in a time range',
} as const;
type Way = keyof typeof WAYS;

interface Props {
  readonly webhookId: string;
  readonly search: SettingsSearch;
  readonly onClose: () => void;
}

/** Starts with the conversation or range of the filter. */
export function ReplayMany({ webhookId, search, onClose }: Props) {
  const businessId = useBusinessId();
  const radio = useId();
  const isOfRange = search.from !== undefined || search.to !== undefined;
  const [way, setWay] = useState<Way>(
    isOfRange && search.conversation === undefined ? 'range' : 'conversation',
  );
  const [given, setGiven] = useState({
    conversation: search.conversation ?? '',
    from: toLocalInput(search.from),
    to: toLocalInput(search.to),
  });
  const replay = useChange('ReplayWebhook', ['GetWebhookDeliveries', 'GetWebhook', 'GetWebhooks']);
  if (replay.data) return <Replayed count={replay.data.Replayed} onClose={onClose} />;
  const onSubmit = () =>
    replay.mutate({
      businessId,
      webhookId,
      ...(way === 'conversation'
        ? { ConversationId: given.conversation.trim() }
        : {
            From: toExactInstant(given.from, search.from) ?? null,
            To: toExactInstant(given.to, search.to) ?? null,
          }),
    });
  const field = bind(given, setGiven);
  return (
    <Dialog
      title="Replay deliveries"
      description="They are sent again with the same webhook-id and body, also those that were delivered. The receiver must recognize repeats by their webhook-id."
      isOpen
      isHeld={replay.isPending}
      onClose={onClose}
    >
      <DialogForm submit="Replay" change={replay} onSubmit={onSubmit} onCancel={onClose}>
        <fieldset>
          <legend className="mb-1 font-medium">What to replay</legend>
          {Object.entries(WAYS).map(([one, label]) => (
            <Check
              key={one}
              type="radio"
              name={radio}
              layout="flex min-h-7 items-center gap-2"
              checked={way === one}
              onCheck={() => setWay(one as Way)}
            >
              {label}
            </Check>
          ))}
        </fieldset>
        {way === 'conversation' ? (
          <Field
            label="Conversation id"
            dir="ltr"
            placeholder="session_abc123"
            {...field('conversation')}
            maxLength={256}
            required
          />
        ) : (
          <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
            <Field label="From" type="datetime-local" {...field('from')} required />
            <Field label="Until" type="datetime-local" {...field('to')} required />
          </div>
        )}
      </DialogForm>
    </Dialog>
  );
}

interface ReplayedProps {
  readonly count: number;
  readonly onClose: () => void;
}

const Replayed = ({ count, onClose }: ReplayedProps) => (
  <Dialog title="Replay deliveries" isOpen onClose={onClose}>
    <p role="status">
      {count === 0
        ? 'There are no deliveries in this time range.'
        : `${pluralize(count, 'delivery is', 'deliveries are')} sent again.`}
    </p>
    <div className="mt-5 flex justify-end">
      <Button text="Done" look="primary" onClick={onClose} />
    </div>
  </Dialog>
);
