import { SOURCE_SETTINGS } from '@colloquy/wire';
import type { ItemOf } from '../../api/use-list.ts';
import { useOp } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import type { SourceName } from './sources.ts';

export type Connection = ItemOf<'GetConnections'>;
export type Received = ItemOf<'GetConnectionDeliveries'>;
export type Texts = Readonly<Record<string, string>>;

export const REFRESH_MILLISECONDS = 10_000;
/** More are not counted. */
export const MAX_COUNTED = 10;

/** How many requests failed, up to one more than MAX_COUNTED; 0 until it is known. */
export function useFailures(connectionId: string): number {
  const businessId = useBusinessId();
  const { data } = useOp(
    'GetConnectionDeliveries',
    { businessId, connectionId, Status: 'Failed', Limit: MAX_COUNTED + 1 },
    { refetchInterval: REFRESH_MILLISECONDS },
  );
  return data?.Items.length ?? 0;
}

export const failureText = (failures: number): string => {
  const count = failures > MAX_COUNTED ? `More than ${MAX_COUNTED}` : String(failures);
  return `${count} failed ${failures === 1 ? 'request' : 'requests'}`;
};

/** With the default of each option that is not set. */
export function completeOptions(source: SourceName, options: Texts): Texts {
  const defaults = Object.entries(SOURCE_SETTINGS[source].options).map(([name, values]) => [
    name,
    values[0] ?? '',
  ]);
  return { ...Object.fromEntries(defaults), ...options };
}
