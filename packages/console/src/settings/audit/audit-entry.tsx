import { Link, linkOptions } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import type { ItemOf } from '../../api/use-list.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import {
  callLink,
  campaignLink,
  connectionLink,
  conversationLink,
  webhookLink,
} from '../../app-shell/links.ts';
import { Time } from '../../ui/text/time.tsx';
import { Person } from '../people/people-names.tsx';
import { actionText, SUBJECT_WORDS } from './audit-words.ts';

type Entry = ItemOf<'GetAudit'>;

export function AuditEntry({ entry }: { readonly entry: Entry }) {
  const { Number: number, At, Action, UserId } = entry;
  return (
    <li className="py-2">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <p className="min-w-0 flex-1 basis-56 break-words">
          <span className="font-medium">{actionText(Action)}</span>{' '}
          <span className="text-ink-soft">
            <Subject entry={entry} /> by <Person id={UserId} />
          </span>
        </p>
        <span className="text-xs text-ink-faint">
          <Time at={At} />
        </span>
      </div>
      {entry.SubjectWasAltered && (
        <p className="flex items-center gap-1.5 text-bad">
          <TriangleAlert aria-hidden size={14} /> The subject's id was changed in the database.
        </p>
      )}
      <details className="text-xs">
        <summary className="inline-block min-h-6 pt-1 text-ink-faint hover:text-ink">
          Entry {number}
        </summary>
        <Facts entry={entry} />
      </details>
    </li>
  );
}

function Facts({ entry }: { readonly entry: Entry }) {
  const facts: readonly (readonly [string, string])[] = [
    ['At', entry.At],
    ['User', entry.UserId],
    ['API key', entry.ApiKeyId],
    ['Subject', `${entry.SubjectKind} ${entry.SubjectId ?? '(erased, or a number)'}`],
    ["Subject's hash", entry.SubjectHash],
    ...Object.entries(entry.Details ?? {}).map(
      ([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)] as const,
    ),
    ['Hash', entry.Hash],
  ];
  return (
    <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 rounded-md bg-sunken px-3 py-2">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-faint">{name}</dt>
          <dd className="font-mono break-all" dir="auto">
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Subject({ entry }: { readonly entry: Entry }) {
  const { SubjectKind, SubjectId, Action } = entry;
  const place = placeOf(useBusinessId(), entry);
  const kind = SUBJECT_WORDS[SubjectKind];
  const isRedundant = actionText(Action).toLowerCase().includes(kind.toLowerCase());
  const name =
    SubjectKind === 'Member' && SubjectId !== null ? <Person id={SubjectId} /> : SubjectId;
  return (
    <>
      {!isRedundant && `${kind} `}
      {place === null ? (
        name
      ) : (
        <Link {...place} className="break-all text-accent underline underline-offset-2">
          {name}
        </Link>
      )}
    </>
  );
}

function placeOf(businessId: number, { SubjectKind, SubjectId, Action }: Entry) {
  if (SubjectId === null) return null;
  const isGone = /Purged|Erased|Anonymised/.test(Action);
  if (SubjectKind === 'Conversation' && !isGone) {
    return conversationLink(businessId, SubjectId);
  }
  if (SubjectKind === 'QueueEntry' && !isGone) {
    const isInbound = Action === 'CallReceived';
    return callLink(businessId, isInbound, SubjectId);
  }
  if (SubjectKind === 'Campaign') {
    return campaignLink(businessId, SubjectId);
  }
  if (SubjectKind === 'Webhook' && Action !== 'WebhookDeleted') {
    return webhookLink(businessId, SubjectId);
  }
  if (SubjectKind === 'Connection' && Action !== 'ConnectionDeleted') {
    return connectionLink(businessId, SubjectId);
  }
  const section = SECTION_OF[SubjectKind];
  if (section === undefined) return null;
  return linkOptions({
    to: '/b/$businessId/settings/$section',
    params: { businessId, section },
    search: SubjectKind === 'Erasure' ? { erasure: SubjectId } : {},
  });
}

const SECTION_OF: Partial<Record<Entry['SubjectKind'], string>> = {
  Hold: 'holds',
  Erasure: 'erasures',
  ApiKey: 'keys',
  Member: 'people',
  Invitation: 'people',
  Business: 'business',
};
