import type { OutputOf } from '@colloquy/sdk';
import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import { Tabs } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { useChange, useOp } from '../api/use-op.ts';
import { useBusinessId, useMay } from '../app-shell/business.ts';
import { conversationLink } from '../app-shell/links.ts';
import { TAB } from '../ui/browser/tab.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Failure } from '../ui/notice.tsx';
import { SNIPPETS } from './snippets.ts';

const MAX_AGE_MILLISECONDS = 15_000;

const newValues = () => {
  const now = Date.now();
  return { now, sessionId: `my-first-call-${now.toString(36)}` };
};

interface GettingStartedProps {
  readonly after?: ReactNode;
  readonly onKey?: () => void;
}

export function GettingStarted({ after, onKey }: GettingStartedProps) {
  const businessId = useBusinessId();
  const [key, setKey] = useState<OutputOf<'CreateBusinessApiKey'> | null>(null);
  const [sent, setSent] = useState(newValues);
  const values = { ...sent, businessId, key: key?.Key ?? 'YOUR_KEY' };
  return (
    <ol className="flex max-w-3xl flex-col gap-6">
      <Step number={1} title="Create an API key">
        <MakeKey
          made={key}
          onMade={(made) => {
            setKey(made);
            // The session id shown so far cannot be used again.
            setSent(newValues());
            onKey?.();
          }}
        />
      </Step>
      <Step number={2} title="Send a conversation">
        <Tabs.Root defaultValue="curl">
          <Tabs.List aria-label="Language" className="mb-2 flex flex-wrap gap-1">
            {SNIPPETS.map(({ id, label }) => (
              <Tabs.Trigger key={id} value={id} className={TAB}>
                {label}
              </Tabs.Trigger>
            ))}
          </Tabs.List>
          {SNIPPETS.map(({ id, hint, render }) => (
            <Tabs.Content key={id} value={id}>
              <Snippet text={render(values)}>
                {hint} {key === null && 'Replace YOUR_KEY with your key.'}
              </Snippet>
            </Tabs.Content>
          ))}
        </Tabs.Root>
      </Step>
      <Step number={3} title="See it appear">
        <Appearance key={sent.sessionId} {...sent} after={after} />
      </Step>
    </ol>
  );
}

interface StepProps {
  readonly number: number;
  readonly title: string;
  readonly children: ReactNode;
}

function Step({ number, title, children }: StepProps) {
  return (
    <li className="flex gap-4">
      <span
        aria-hidden
        className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-accent-strong"
      >
        {number}
      </span>
      <div className="min-w-0 flex-1">
        <h2 className="mb-2 pt-0.5 font-semibold">{title}</h2>
        {children}
      </div>
    </li>
  );
}

interface MakeKeyProps {
  readonly made: OutputOf<'CreateBusinessApiKey'> | null;
  readonly onMade: (key: OutputOf<'CreateBusinessApiKey'>) => void;
}

function MakeKey({ made, onMade }: MakeKeyProps) {
  const businessId = useBusinessId();
  const may = useMay();
  const create = useChange('CreateBusinessApiKey', ['GetBusinessApiKeys']);
  if (made) {
    return (
      <div className="flex flex-col gap-2">
        <p className="text-ink-soft">
          It is shown only once. Store it where your programs keep their secrets.
        </p>
        <div className="flex flex-wrap items-center gap-2">
          <code className="rounded-md bg-sunken px-2 py-1.5 font-mono text-xs break-all">
            {made.Key}
          </code>
          <CopyButton text={made.Key} label="Copy key" />
        </div>
      </div>
    );
  }
  if (!may('People', 'Adding')) {
    return (
      <p className="text-ink-soft">
        Your role may not create API keys. Ask an Owner of this business for a key that may add
        conversations.
      </p>
    );
  }
  return (
    <>
      <p className="mb-2 text-ink-soft">
        It may add and read conversations. You can revoke it in the settings, under API keys.
      </p>
      <Button
        look="primary"
        isBusy={create.isPending}
        onClick={() =>
          create.mutate(
            {
              businessId,
              Name: 'Getting started',
              Permissions: { 'Conversations.ConversationPermissions': ['Adding', 'Retrieving'] },
            },
            { onSuccess: onMade },
          )
        }
      >
        Create a key
      </Button>
      {create.error && <Failure error={create.error} />}
    </>
  );
}

function Snippet({ text, children }: { readonly text: string; readonly children: ReactNode }) {
  return (
    <>
      <div className="mb-2 flex items-center gap-3">
        <p className="min-w-0 flex-1 text-ink-soft">{children}</p>
        <CopyButton text={text} />
      </div>
      <pre
        dir="ltr"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it
        tabIndex={0}
        className="max-h-[32rem] overflow-auto rounded-lg bg-sunken p-3 font-mono text-xs"
      >
        {text}
      </pre>
    </>
  );
}

interface AppearanceProps {
  readonly sessionId: string;
  readonly now: number;
  readonly after: ReactNode;
}

function Appearance({ sessionId, now, after }: AppearanceProps) {
  const businessId = useBusinessId();
  const [hasArrived, setArrived] = useState(false);
  // Polls the list: a GetConversation of an unknown id would log errors in the browser's console.
  const Filter = {
    StartStartedDate: new Date(now - MAX_AGE_MILLISECONDS).toISOString(),
    EndStartedDate: new Date(now).toISOString(),
  };
  const { data, error } = useOp(
    'GetConversations',
    { businessId, Limit: 100, Filter },
    { enabled: !hasArrived, refetchInterval: 2_000 },
  );
  if (!hasArrived && data?.Items.some(({ Id }) => Id === sessionId)) setArrived(true);
  if (error && !hasArrived) return <Failure error={error} />;
  return (
    <div role="status" className="flex flex-wrap items-center gap-3">
      {hasArrived ? (
        <>
          <CircleCheck aria-hidden size={18} className="text-good" />
          Your conversation has arrived.
          <Link {...conversationLink(businessId, sessionId)} className={buttonClass('primary')}>
            Open the conversation
          </Link>
          {after}
        </>
      ) : (
        <div className="text-ink-soft">
          <p className="flex flex-wrap items-center gap-x-2">
            <span aria-hidden className="size-2 rounded-full bg-accent animate-live" />
            Waiting for
            <span className="min-w-0 font-mono text-xs break-all">{sessionId}</span>
          </p>
          <p className="mt-1 text-xs">
            It appears here within seconds. If it does not, check the output of the command for an
            error.
          </p>
        </div>
      )}
    </div>
  );
}
