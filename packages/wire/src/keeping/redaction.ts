import Type from 'typebox';
import { MEBIBYTE, op } from '../op.ts';
import { mayChangeSettings, mayEdit, mayRead, maySeeSettings } from '../permissions.ts';
import { businessParams } from '../queues/queue-schemas.ts';
import { BusinessId, COUNTRY_CODE, Id, maybe, nullable, strict } from '../types.ts';

/** What is found by patterns. */
export const FOUND_CATEGORIES = ['CARD', 'IBAN', 'EMAIL', 'PHONE'] as const;
/** What somebody marks. */
export const MARKED_CATEGORIES = [
  'NAME',
  'ADDRESS',
  'DATE_OF_BIRTH',
  'ID_NUMBER',
  'HEALTH',
  'PASSWORD',
  'OTHER',
] as const;
export const REDACTION_CATEGORIES = [...FOUND_CATEGORIES, ...MARKED_CATEGORIES] as const;

const Category = Type.Enum([...REDACTION_CATEGORIES]);
const Categories = Type.Array(Category, { maxItems: 100 });
const Country = Type.String({
  pattern: '^[A-Z]{2}$',
  'x-expected': COUNTRY_CODE,
  description:
    'An ISO 3166 country code, such as `DE`: phone numbers as they are written in this country are masked too. Without it, or with null, only numbers with a country code are.',
});
const GivenRedaction = { Categories, DefaultCountry: maybe(Country) };
const Redaction = { Categories, DefaultCountry: nullable(Country) };

export const Span = strict(
  {
    MessageIndex: Type.Integer({
      minimum: 0,
      maximum: 20_000,
      description: 'The place of the message in `Messages`, from 0',
    }),
    Start: Type.Integer({ minimum: 0, description: 'In its `Content`, in UTF-16 code units' }),
    End: Type.Integer({ minimum: 1, description: 'Excluded' }),
    Category,
  },
  { title: 'RedactionSpan' },
);
const Spans = Type.Object({ Spans: Type.Array(Span) });

const EXAMPLE_SPAN = { MessageIndex: 3, Start: 11, End: 23, Category: 'NAME' as const };
const EXAMPLE_CATEGORIES = { Categories: ['CARD', 'IBAN', 'PHONE', 'EMAIL'] } as const;

const shared = {
  tag: 'Keeping',
  query: Type.Object({}),
  statuses: [200],
  idempotent: true,
} as const;
const settings = {
  ...shared,
  path: '/business/{businessId}/redaction',
  params: businessParams,
  output: Type.Object(Redaction),
  errors: [],
} as const;
const ofSession = {
  ...shared,
  path: '/business/{businessId}/conversations/{sessionId}/redactions',
  params: Type.Object({ businessId: BusinessId, sessionId: Id }),
  output: Spans,
} as const;

export const getRedaction = op({
  ...settings,
  name: 'GetRedaction',
  method: 'GET',
  summary: 'Get what is masked for those who may not see the original',
  permission: maySeeSettings,
  body: null,
  bodyLimit: 0,
  examples: { output: { Categories: [...EXAMPLE_CATEGORIES.Categories], DefaultCountry: 'DE' } },
});

export const putRedaction = op({
  ...settings,
  name: 'PutRedaction',
  method: 'PUT',
  summary: 'Say what is masked for those who may not see the original',
  description:
    'Without a category nothing is masked. A key without `Conversations.Unredacted` then reads `[CARD]` in place of a card number, and so on, in messages, logs, tool calls, metrics, words and metadata; names and numbers of participants are masked, and their ids are stable tokens. `CARD`, `IBAN`, `EMAIL` and `PHONE` are found by patterns and check digits, the others are marked with `AddRedactions`. Any separators may be between digits; digits of every script, full-width characters and English number words (`double`, `triple`, `oh`, `four thousand one hundred eleven`, `at`, `dot`) count as the characters that they mean, as do letters of an IBAN by the spelling alphabet (`delta echo`). Card numbers and IBANs are also found if they are split over messages of one sender that are at most 60 s apart with at most four messages of others in between, of up to 60 characters each, over the items of an array, or over the objects of an array under one key; card numbers also if consecutive log lines give them key by key, in groups behind the same words about keys (`DTMF`, `digits`, `collected`, `IVR`), or as all that was typed so far. Phone numbers are found if they are valid with their country code, after a plus also if their length is possible, and as they are written in `DefaultCountry` (groups with commas between are a list of quantities, unless they are said digit by digit, begin with a zero or follow words such as `my number is`). Not found: security codes and expiry dates, parts of a number, numbers with a wrong check digit or with escapes or markup between their digits (`%20`, `&nbsp;`), national account numbers, digits spread over several keys of an object, keys that logs give in words, digit groups that stand in log lines alone or behind words that do not speak of keys, what logs show as typed so far until it is whole, log lines of more than 10,000 characters together with others, national numbers behind words that announce another number (`order`, `invoice`, `ticket`, `reference`, `reservation`, `booking`, `account`, `customer`, `member`, `id`, `#` and the like), local numbers without area code, short codes, letters in place of digits, phone numbers and e-mail addresses that are split over messages, addresses and IBANs that are spelled with words (`a as in Adam`), words of other languages, and what is split in a live conversation until its last part arrives. What is stored stays as it is; conversations that are sealed already are searched again in the background, and reads search them until then. Of a recording in which something masked is said such a key is given a copy that is silent there (by the times of `Words`, else for the whole message), and no `AudioUrl` until it is made. A metric whose number looks like a card or phone number is left out. Replaces all settings: a `DefaultCountry` that is left out is null. Holds from the next request on, on every node.',
  permission: mayChangeSettings,
  body: strict(GivenRedaction),
  bodyLimit: MEBIBYTE,
  examples: {
    body: { Categories: [...EXAMPLE_CATEGORIES.Categories], DefaultCountry: 'DE' },
    output: { Categories: [...EXAMPLE_CATEGORIES.Categories], DefaultCountry: 'DE' },
  },
});

export const getRedactions = op({
  ...ofSession,
  name: 'GetRedactions',
  method: 'GET',
  summary: 'Get where in the messages of a conversation something is to be masked',
  description: 'Needs `Conversations.Unredacted` if the business masks something.',
  permission: mayRead,
  body: null,
  bodyLimit: 0,
  errors: ['NOT_FOUND', 'GONE'],
  examples: { output: { Spans: [EXAMPLE_SPAN] } },
});

export const addRedactions = op({
  ...ofSession,
  name: 'AddRedactions',
  method: 'POST',
  summary: 'Mark stretches of messages that are to be masked',
  description:
    'For what no pattern finds. The conversation must be sealed, since its messages may move until then. Writing other messages removes the marks. Needs `Conversations.Unredacted` if the business masks something.',
  permission: mayEdit,
  body: strict({ Spans: Type.Array(Span, { minItems: 1, maxItems: 1000 }) }),
  bodyLimit: MEBIBYTE,
  errors: ['NOT_FOUND', 'GONE', 'CONFLICT'],
  examples: { body: { Spans: [EXAMPLE_SPAN] }, output: { Spans: [EXAMPLE_SPAN] } },
});
