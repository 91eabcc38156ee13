import type { OutputOf } from '@colloquy/sdk';
import { useQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { client } from '../../api/client.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { useSession } from '../../session/session.ts';

type Member = OutputOf<'GetMembers'>['Items'][number];
/** A user or key; only users have an e-mail address. */
export interface Known {
  readonly name: string;
  readonly email: string | null;
}
type People = ReadonlyMap<string, Known>;

/** In larger businesses, the others can be found by id. */
const MAX_PEOPLE = 5_000;
const STALE_MILLISECONDS = 60_000;

export function useMembers(): readonly Member[] {
  const businessId = useBusinessId();
  const { data } = useQuery({
    queryKey: ['GetMembers', 'all', businessId],
    enabled: useMay()('People', 'Retrieving'),
    staleTime: STALE_MILLISECONDS,
    queryFn: () => allOf(client.items('getMembers', { businessId, Limit: 100 })),
  });
  return data ?? NOBODY;
}

const NOBODY: readonly [] = [];

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of items) if (all.push(one) >= MAX_PEOPLE) break;
  return all;
}

const PeopleContext = createContext<People>(new Map());

export function PeopleNames({ children }: { readonly children: ReactNode }) {
  const { User: user } = useSession();
  const members = useMembers();
  const { data: users } = useQuery({
    queryKey: ['ListUsers', 'all'],
    enabled: user.IsAdmin,
    staleTime: STALE_MILLISECONDS,
    queryFn: () => allOf(client.items('listUsers', { Limit: 100 })),
  });
  const people = useMemo(
    () =>
      new Map<string, Known>([
        ['system', { name: 'Colloquy itself', email: null }],
        ...[user, ...(users ?? []), ...members].map(
          ({ UserId, Name, Email }) => [UserId, { name: Name, email: Email }] as const,
        ),
      ]),
    [user, users, members],
  );
  return <PeopleContext value={people}>{children}</PeopleContext>;
}

export const usePeople = (): People => useContext(PeopleContext);

export function Person({ id }: { readonly id: string }) {
  const name = usePeople().get(id)?.name;
  if (name === undefined) return <span className="font-mono text-xs break-all">{id}</span>;
  return (
    <span dir="auto" title={id}>
      {name}
    </span>
  );
}
