import { useOp } from '../api/use-op.ts';
import { useBusinessId, useMay } from '../frame/business.ts';
import { useSession } from '../session/session.ts';

/** The names of people by their ids, as far as whoever looks may know them. */
export function useNames(): ReadonlyMap<string, string> {
  const businessId = useBusinessId();
  const { User: user } = useSession();
  const may = useMay();
  const members = useOp(
    'GetMembers',
    { businessId, Limit: 100 },
    { enabled: may('People', 'Retrieving') },
  );
  const users = useOp('ListUsers', { Limit: 100 }, { enabled: user.IsAdmin });
  return new Map([
    ['system', 'Colloquy itself'],
    [user.UserId, user.Name],
    ...[...(users.data?.Items ?? []), ...(members.data?.Items ?? [])].map(
      ({ UserId, Name }) => [UserId, Name] as const,
    ),
  ]);
}

/** Who somebody is: the name, else the id. */
export function Person({ id }: { readonly id: string }) {
  const name = useNames().get(id);
  if (name === undefined) return <span className="font-mono text-xs break-all">{id}</span>;
  return (
    <span dir="auto" title={id}>
      {name}
    </span>
  );
}
