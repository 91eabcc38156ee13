import { WEBHOOK_EVENTS } from '@colloquy/wire';
import { useMay } from '../../app-shell/business.ts';
import { Check, toggled } from '../../ui/forms/check.tsx';
import { bind, Field, TextAreaField } from '../../ui/forms/field.tsx';
import { EVENT_GROUPS, EVENT_WORDS, type WebhookEvent } from './event-words.ts';
import { parseHeaders } from './headers.ts';

export interface GivenWebhook {
  readonly url: string;
  readonly description: string;
  readonly events: readonly WebhookEvent[];
  readonly headers: string;
  readonly isEnabled: boolean;
  readonly isUnredacted: boolean;
}

interface FieldsProps {
  readonly given: GivenWebhook;
  readonly onChange: (given: GivenWebhook) => void;
}

export function WebhookFields({ given, onChange }: FieldsProps) {
  const field = bind(given, onChange);
  return (
    <>
      <Field
        label="URL"
        type="url"
        dir="ltr"
        placeholder="https://crm.example.com/colloquy"
        {...field('url')}
        hint="Receives each event as an HTTP POST."
        maxLength={2048}
        required
      />
      <Field
        label="Description"
        dir="auto"
        placeholder="CRM"
        {...field('description')}
        maxLength={1024}
      />
      <EventBoxes
        events={given.events}
        onChange={(events) => onChange({ ...given, events: [...events] })}
      />
    </>
  );
}

interface EventBoxesProps {
  readonly events: readonly WebhookEvent[];
  readonly onChange: (events: readonly WebhookEvent[]) => void;
}

function EventBoxes({ events, onChange }: EventBoxesProps) {
  return (
    <>
      {Object.entries(EVENT_GROUPS).map(([group, pattern]) => (
        <fieldset key={group}>
          <legend className="mb-1 font-medium">{`Events of ${group.toLowerCase()}`}</legend>
          {WEBHOOK_EVENTS.filter((event) => pattern.test(event)).map((event) => (
            <Check
              key={event}
              layout="flex items-start gap-2 py-1"
              className="mt-0.5"
              checked={events.includes(event)}
              onCheck={() => onChange(toggled(events, event))}
            >
              <span className="min-w-0">
                <span className="font-mono text-xs">{event}</span>
                <span className="block text-ink-soft">{EVENT_WORDS[event]}</span>
              </span>
            </Check>
          ))}
        </fieldset>
      ))}
    </>
  );
}

export function HeadersField({ given, onChange }: FieldsProps) {
  return (
    <TextAreaField
      label="Headers, one per line"
      dir="ltr"
      placeholder="Authorization: Bearer …"
      className="min-h-16"
      {...bind(given, onChange)('headers')}
      error={parseHeaders(given.headers).problem}
      hint="Sent with each request. Values are stored encrypted and are not shown again."
    />
  );
}

export function SwitchFields({ given, onChange }: FieldsProps) {
  const maySeeOriginals = useMay()('Conversations.Unredacted', 'Retrieving');
  return (
    <>
      <Check
        layout="flex items-start gap-2"
        className="mt-0.5"
        checked={given.isEnabled}
        onCheck={(isEnabled) => onChange({ ...given, isEnabled })}
      >
        <span className="min-w-0">
          Enabled
          <span className="block text-ink-soft">
            Events that happen while a webhook is disabled are not sent later.
          </span>
        </span>
      </Check>
      {(maySeeOriginals || given.isUnredacted) && (
        <Check
          layout="flex items-start gap-2"
          className="mt-0.5"
          checked={given.isUnredacted}
          onCheck={(isUnredacted) => onChange({ ...given, isUnredacted })}
        >
          <span className="min-w-0">
            Send unredacted data
            <span className="block text-ink-soft">
              Original data is sent although redaction is on, as long as you may view it.
            </span>
          </span>
        </Check>
      )}
    </>
  );
}

export const isComplete = ({ events, headers }: GivenWebhook): boolean =>
  events.length > 0 && parseHeaders(headers).problem === null;

export const EventNote = ({ given }: { readonly given: GivenWebhook }) => (
  <p role="status" className="me-auto text-ink-soft">
    {given.events.length === 0 && 'Choose at least one event.'}
  </p>
);
