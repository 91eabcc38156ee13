import { END_TYPE } from '@colloquy/wire';
import type { ListFilter } from './list-filter.ts';

const states = (...names: string[]) => ({ SessionStates: names.toSorted() });
const types = (...names: string[]) => ({ SessionInitiationTypes: names.toSorted() });
const ends = (...names: string[]) => ({ SessionEndTypes: names.toSorted() });
const lengths = (
  ...DurationsFromSeconds: NonNullable<ListFilter['DurationsFromSeconds']>[number][]
) => ({
  DurationsFromSeconds,
});
const between = (from: string, to: string) => ({ StartStartedDate: from, EndStartedDate: to });

const hour = between('2025-06-11T10:20:00Z', '2025-06-11T11:10:00Z');
const week = between('2025-06-03T07:45:00Z', '2025-06-10T18:05:00Z');
const halfYear = between('2025-02-03T07:45:10Z', '2025-08-20T18:05:20Z');
const from = { StartStartedDate: '2025-05-05T05:05:05Z' };

/** Each filter and each pair, with frequent values and with values of one row in 10,000. */
export const FILTERS: Readonly<Record<string, ListFilter>> = {
  'state Completed': states('Completed'),
  'state Paused': states('Paused'),
  'five states': states('Active', 'Completed', 'Created', 'Failed', 'Paused'),
  'type Outbound': types('Outbound'),
  'type Web': types('Web'),
  'end Normal': ends('Normal'),
  'end ExpiredWaitingForInitialize': ends('ExpiredWaitingForInitialize'),
  'thirteen ends': ends(...END_TYPE.names),
  'length 2 to 5 minutes': lengths(120),
  'length under 10 s (none)': lengths(0),
  'an hour': hour,
  'half a year': halfYear,
  'from a day on': from,
  'state Failed, type Outbound': { ...states('Failed'), ...types('Outbound') },
  'state Completed, type Web': { ...states('Completed'), ...types('Web') },
  'state Paused, type Web': { ...states('Paused'), ...types('Web') },
  'state Completed, end Normal': { ...states('Completed'), ...ends('Normal') },
  'state Failed, end Transferred': { ...states('Failed'), ...ends('Transferred') },
  'state Completed, end MidSessionFailure (none)': {
    ...states('Completed'),
    ...ends('MidSessionFailure'),
  },
  'type Outbound, end Transferred': { ...types('Outbound'), ...ends('Transferred') },
  'type Web, end Normal': { ...types('Web'), ...ends('Normal') },
  'state Completed, half a year': { ...states('Completed'), ...halfYear },
  'state Paused, half a year': { ...states('Paused'), ...halfYear },
  'type Inbound, a week': { ...types('Inbound'), ...week },
  'type Web, half a year': { ...types('Web'), ...halfYear },
  'end Normal, an hour': { ...ends('Normal'), ...hour },
  'end ExpiredWaitingForInitialize, half a year': {
    ...ends('ExpiredWaitingForInitialize'),
    ...halfYear,
  },
  'type Outbound, length 2 to 5 minutes': { ...types('Outbound'), ...lengths(120) },
  'end Normal, length 2 to 5 minutes': { ...ends('Normal'), ...lengths(120) },
  'length 2 to 5 minutes, half a year': { ...lengths(120), ...halfYear },
  'all four': { ...states('Completed'), ...types('Outbound'), ...ends('Transferred'), ...halfYear },
};
