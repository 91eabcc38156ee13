import Type, { type Static } from 'typebox';
import { maybe, strict, Timestamp, TimeZone } from '../types.ts';
import { END_TYPE, taken } from '../value-sets.ts';

export const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
export type Day = (typeof DAYS)[number];

export const BACKOFFS = ['Constant', 'Exponential'] as const;

export const Window = strict(
  {
    Days: Type.Array(Type.Enum([...DAYS]), {
      minItems: 1,
      maxItems: 7,
      description: 'The days of the week on which the window begins',
    }),
    From: Type.String({
      pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
      'x-expected': 'a time of day from `00:00` to `23:59`',
      description: 'The local time at which the window begins, such as `09:00`',
    }),
    To: Type.String({
      pattern: '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$',
      'x-expected': 'a time of day from `00:00` to `24:00`',
      description:
        'The local time at which the window ends, such as `17:30`, or `24:00`; calls at this time are not allowed',
    }),
    TimeZone: maybe(TimeZone, 'The zone for recipients without a `TimeZone`'),
  },
  { title: 'Window', description: 'A period of the week in which calls may be made' },
);
export const WINDOWS_TEXT =
  "When calls may be made, in the recipient's local time; at any time if there are none. A window that crosses midnight belongs to the day on which it began. The zone is the recipient's, or else the window's, the business's or UTC.";
export const Windows = Type.Array(Window, { maxItems: 50 });
export type Windows = Static<typeof Windows>;

export const Retry = strict(
  {
    MaxAttempts: Type.Integer({
      minimum: 1,
      maximum: 100,
      description: 'The maximum number of attempts, including the first',
    }),
    On: Type.Array(taken(END_TYPE), {
      maxItems: 100,
      description: 'The end types after which another attempt is made',
    }),
    DelaySeconds: Type.Integer({
      minimum: 0,
      maximum: 30 * 86_400,
      description: 'The time between attempts, in seconds',
    }),
    Backoff: maybe(
      Type.Enum([...BACKOFFS]),
      '`Exponential` doubles the delay after each attempt, up to a day; `Constant` is the default',
    ),
  },
  { title: 'Retry', description: 'When a failed attempt is followed by another' },
);
export type Retry = Static<typeof Retry>;

export const Schedule = strict(
  {
    DateTimeUTC: maybe(Timestamp, 'The earliest time of the call; immediately by default'),
    MaxDateTimeUTC: maybe(
      Timestamp,
      'The time at which a call that is still queued becomes `Expired`; never by default',
    ),
  },
  { title: 'Schedule', description: 'When a call may be made' },
);
export type Schedule = Static<typeof Schedule>;

export const Priority = Type.Integer({ minimum: -100, maximum: 100 });
export const PRIORITY_TEXT = 'Calls with a larger priority come first; 0 by default';
