import { useNavigate, useSearch } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import { useList } from '../../api/use-list.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/notice.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { PeopleNames } from '../people/people-names.tsx';
import { Rows } from '../rows.tsx';
import type { SettingsSearch } from '../search.ts';
import { AuditEntry } from './audit-entry.tsx';
import { AuditFilterBar } from './audit-filter.tsx';
import { AuditProof } from './audit-proof.tsx';
import { parseActions } from './audit-words.ts';

export function AuditSection() {
  const businessId = useBusinessId();
  const search = useSearch({ from: '/inside/b/$businessId/settings/$section' });
  const navigate = useNavigate({ from: '/b/$businessId/settings/$section' });
  const filter = toFilter(search);
  const isFiltered = Object.keys(filter).length > 0;
  const list = useList('GetAudit', { businessId, Limit: 50, Filter: filter });
  const isEmptySoFar = list.items?.length === 0 && list.hasMore;
  return (
    <Page
      title="Audit log"
      lead="Who did what, newest first. Entries are chained, so that changes to the log can be detected."
    >
      <AuditProof />
      <PeopleNames>
        <AuditFilterBar
          key={JSON.stringify({ ...search, action: null })}
          search={search}
          onChange={(next) => void navigate({ search: next })}
        />
        <Card>
          <div className="px-4 py-1">
            {isEmptySoFar && (
              <p className="py-3 text-ink-soft">No matches so far; there may be older ones.</p>
            )}
            <Rows
              label="Audit log"
              list={list}
              empty={
                <Empty
                  icon={ScrollText}
                  title={isFiltered ? 'No matching entries' : 'No entries yet'}
                >
                  {isFiltered && (
                    <Button onClick={() => void navigate({ search: {} })}>Clear the filter</Button>
                  )}
                </Empty>
              }
            >
              {(entry) => <AuditEntry key={entry.Number} entry={entry} />}
            </Rows>
            {list.hasMore && <div className="h-3" />}
          </div>
        </Card>
      </PeopleNames>
    </Page>
  );
}

function toFilter({ action, who, subject, from, to }: SettingsSearch) {
  const actions = parseActions(action);
  return {
    ...(actions.length > 0 && { Actions: actions }),
    ...(who !== undefined && { UserId: who }),
    ...(subject !== undefined && { SubjectId: subject }),
    ...(from !== undefined && { From: new Date(from).toISOString() }),
    ...(to !== undefined && { To: new Date(to).toISOString() }),
  };
}
