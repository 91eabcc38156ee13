import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { CopyLine } from '../api-keys/secret.tsx';
import type { Texts } from './connection.ts';
import { guideOf, secretWords } from './sources.ts';

const LINK = 'text-accent underline underline-offset-2';

export function ConnectionUrl({ source, url }: { readonly source: string; readonly url: string }) {
  return (
    <>
      <CopyLine text={url} />
      {isPrivate(url) && (
        <p className="mt-2 flex items-start gap-2 rounded-lg bg-warn-soft px-3 py-2 text-warn">
          <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
          <span className="min-w-0">
            {guideOf(source).label} cannot reach this address. Set{' '}
            <code className="font-mono text-xs">PUBLIC_URL</code> of the server to its public
            address.
          </span>
        </p>
      )}
    </>
  );
}

const isPrivate = (url: string): boolean =>
  /^(localhost|.*\.local|127\..*|10\..*|192\.168\..*|\[::1\])$/.test(new URL(url).hostname);

interface StepsProps {
  readonly source: string;
  readonly options: Texts;
}

export function Steps({ source, options }: StepsProps) {
  const { steps, links } = guideOf(source);
  const shown = steps.filter((step) => step.if === undefined || options[step.if[0]] === step.if[1]);
  return (
    <>
      <ol className="list-decimal space-y-1.5 ps-5 marker:text-ink-faint">
        {shown.map(({ text }) => (
          <li key={text} className="ps-1 wrap-anywhere">
            <WithCode text={text} />
          </li>
        ))}
      </ol>
      <p className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-ink-soft">
        {links.map(([label, url]) => (
          <a key={url} href={url} target="_blank" rel="noreferrer" className={LINK}>
            {guideOf(source).label}: {label}
          </a>
        ))}
        <a
          href={`docs/guide/connectors#${source}`}
          target="_blank"
          rel="noreferrer"
          className={LINK}
        >
          Guide to connections
        </a>
      </p>
    </>
  );
}

/** The parts between backticks are code. */
function WithCode({ text }: { readonly text: string }): ReactNode {
  return text.split('`').map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts do not move
      <code key={index} className="rounded bg-sunken px-1 font-mono text-xs">
        {part}
      </code>
    ),
  );
}

interface OwnSecretsProps {
  readonly source: string;
  readonly secrets: Texts;
}

/** Secrets that the user invented and has to give to the source; others are there already. */
export function OwnSecrets({ source, secrets }: OwnSecretsProps) {
  const own = Object.entries(secrets).filter(([name]) => secretWords(source, name).isOwn);
  return own.map(([name, secret]) => (
    <div key={name} className="mt-4">
      <h3 className="font-medium">{secretWords(source, name).label}</h3>
      <p className="text-ink-soft">Copy it now: it is stored encrypted and is not shown again.</p>
      <CopyLine text={secret} />
    </div>
  ));
}
