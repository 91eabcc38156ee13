import type { LucideIcon } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { visibleData } from '../../api/visible-data.ts';
import { PageFailure, Pager, type Place } from '../../app-shell/pager.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty, Loading } from '../../ui/notice.tsx';
import { FilterChips, StatusTabs } from '../filters.tsx';
import { type CallsSearch, FILTER_KEYS } from '../search.ts';
import { CallList, type ListedCall } from './call-list.tsx';

type Paged = Omit<ComponentProps<typeof Pager>['page'], 'Items'>;

interface Props<Call> extends Omit<ComponentProps<typeof CallList>, 'calls'> {
  readonly search: CallsSearch;
  readonly onSearch: (search: CallsSearch) => void;
  readonly read: {
    readonly data: (Paged & { readonly Items: readonly Call[] }) | undefined;
    readonly error: unknown;
    readonly isPlaceholderData: boolean;
    readonly refetch: () => unknown;
  };
  readonly listedOf: (call: Call) => ListedCall;
  readonly summary?: ReactNode;
  readonly icon: LucideIcon;
  readonly hint: ReactNode;
}

export function CallPage<Call>(props: Props<Call>) {
  const { direction, search, onSearch, read, listedOf, summary, icon, hint, ...list } = props;
  const { error, refetch, isPlaceholderData } = read;
  const data = visibleData(read);
  const go = (place: Place) => onSearch({ ...search, ...place });
  const isFiltered = FILTER_KEYS.some((key) => search[key] !== undefined);
  return (
    <>
      <StatusTabs direction={direction} search={search} onChange={onSearch} />
      {summary}
      <FilterChips direction={direction} search={search} onChange={onSearch} />
      {error != null && <PageFailure error={error} onRetry={() => void refetch()} onGo={go} />}
      {!data && error == null && <Loading />}
      {data?.Items.length === 0 && (
        <Empty icon={icon} title={isFiltered ? 'No matching calls' : 'No calls yet'}>
          {isFiltered ? <Button onClick={() => onSearch({})}>Clear all filters</Button> : hint}
        </Empty>
      )}
      {data && data.Items.length > 0 && (
        <>
          <div className="overflow-x-auto rounded-xl border border-line bg-surface">
            <CallList {...list} direction={direction} calls={data.Items.map(listedOf)} />
          </div>
          <Pager page={data} place={search} isLoadingPage={isPlaceholderData} onGo={go} />
        </>
      )}
    </>
  );
}
