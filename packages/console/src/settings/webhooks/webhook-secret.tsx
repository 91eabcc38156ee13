import type { ReactNode } from 'react';
import { CopyLine, SecretDialog } from '../api-keys/secret.tsx';

const EXAMPLE = `import { Webhook } from 'standardwebhooks';

const event = new Webhook(secret).verify(body, headers);`;

interface Props {
  readonly title: string;
  readonly secret: string;
  readonly children?: ReactNode;
  readonly onClose: () => void;
}

export function WebhookSecret({ title, secret, children, onClose }: Props) {
  return (
    <SecretDialog
      title={title}
      secret={secret}
      warning="Copy it now: it is shown only once. Your receiver needs it to verify that requests come from this server."
      onClose={onClose}
    >
      {children}
      <h3 className="mt-4 font-medium">How to verify a request</h3>
      <p className="mt-1 text-ink-soft">
        Requests follow Standard Webhooks, which has libraries for most languages. Give the library
        this secret, the headers <code className="font-mono text-xs">webhook-id</code>,{' '}
        <code className="font-mono text-xs">webhook-timestamp</code> and{' '}
        <code className="font-mono text-xs">webhook-signature</code>, and the body exactly as it was
        received:
      </p>
      <CopyLine text={EXAMPLE} />
      <p className="mt-3 text-ink-soft">
        More in the{' '}
        <a
          href="docs/guide/webhooks"
          target="_blank"
          rel="noreferrer"
          className="text-accent underline underline-offset-2"
        >
          guide to webhooks
        </a>
        .
      </p>
    </SecretDialog>
  );
}
