import Type from 'typebox';
import { ADDS, CHANGES, op, READS } from '../op.ts';
import { businessParams, sessionParams } from '../parameters.ts';
import { mayChangeSettings, mayEdit, mayRead, maySeeSettings } from '../permissions.ts';
import { Country, maybe, nullable, strict } from '../types.ts';

/** Found by patterns. */
export const FOUND_CATEGORIES = ['CARD', 'IBAN', 'EMAIL', 'PHONE'] as const;
/** Marked by hand. */
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

const Categories = Type.Array(Type.Enum([...REDACTION_CATEGORIES]), {
  maxItems: 100,
  description: 'The categories of content that are masked; none if it is empty',
});
const COUNTRY =
  'The country, such as `DE`, whose phone numbers are also masked if they are written without the country code; null: only numbers with a country code are masked';
const GivenRedaction = { Categories, DefaultCountry: maybe(Country, COUNTRY) };
const Redaction = { Categories, DefaultCountry: nullable(Country, COUNTRY) };

export const Span = strict(
  {
    MessageIndex: Type.Integer({
      minimum: 0,
      maximum: 20_000,
      description: 'The place of the message in `Messages`, from 0',
    }),
    Start: Type.Integer({
      minimum: 0,
      description: 'The start of the span in `Content`, in UTF-16 code units',
    }),
    End: Type.Integer({
      minimum: 1,
      description: 'The end of the span, exclusive, in UTF-16 code units',
    }),
    Category: Type.Enum([...REDACTION_CATEGORIES], { description: 'The category of the content' }),
  },
  { title: 'RedactionSpan', description: 'A part of a message that is masked' },
);
const Spans = Type.Object({
  Spans: Type.Array(Span, { description: 'The spans in the order of the messages' }),
});

const EXAMPLE_SPAN = { MessageIndex: 3, Start: 11, End: 23, Category: 'NAME' as const };
const EXAMPLE = { Categories: ['CARD', 'IBAN', 'PHONE', 'EMAIL'], DefaultCountry: 'DE' };

const settings = {
  tag: 'Keeping',
  path: '/business/{businessId}/redaction',
  params: businessParams,
  output: Type.Object(Redaction),
} as const;
const ofSession = {
  tag: 'Keeping',
  path: '/business/{businessId}/conversations/{sessionId}/redactions',
  params: sessionParams,
  output: Spans,
} as const;

export const getRedaction = op({
  ...settings,
  ...READS,
  name: 'GetRedaction',
  method: 'GET',
  title: 'Get the redaction settings',
  summary: 'Get which content is masked for readers without access to the original',
  description: 'A key needs `Conversations.Unredacted` to read the original content.',
  permission: maySeeSettings,
  examples: { output: EXAMPLE },
});

export const putRedaction = op({
  ...settings,
  ...CHANGES,
  name: 'PutRedaction',
  method: 'PUT',
  title: 'Set the redaction settings',
  summary: 'Set which content is masked for readers without access to the original',
  description: `A key without \`Conversations.Unredacted\` reads \`[CARD]\` instead of a card number, and so on, in messages, logs, tool calls, metrics, words and metadata. Names and numbers of participants are masked, and their ids are stable tokens. The stored content is not changed. The request replaces all settings; without a category, nothing is masked. It takes effect with the next request, on every node. Conversations that are already sealed are searched in the background, and until then each read searches them.

In a recording, masked content is replaced by silence: such a key gets a copy that is silent there (by the times of \`Words\`, or else for the whole message), and no \`AudioUrl\` until the copy exists. A metric whose number looks like a card or phone number is left out.

**What is found.** \`CARD\`, \`IBAN\`, \`EMAIL\` and \`PHONE\` are found by patterns and check digits; the other categories are marked with \`AddRedactions\`. Any separators may be between digits. Digits of every script, full-width characters, English number words (\`double\`, \`triple\`, \`oh\`, \`four thousand one hundred eleven\`, \`at\`, \`dot\`) and letters of an IBAN in the spelling alphabet (\`delta echo\`) count as the characters that they mean. Phone numbers are found if they are valid with their country code, or after a plus if their length is possible, and as they are written in \`DefaultCountry\`. Groups with commas between them are a list of quantities, unless they are said digit by digit, begin with a zero or follow words such as \`my number is\`.

Card numbers and IBANs are also found if they are split over messages of one sender (at most 60 s apart, at most four messages of others in between, up to 60 characters each), over the items of an array, or over the objects of an array under one key. Card numbers are also found if consecutive log lines contain them key by key, in groups after the same words about keys (\`DTMF\`, \`digits\`, \`collected\`, \`IVR\`), or as everything that was typed so far.

**What is not found.** Security codes and expiry dates; parts of a number; numbers with a wrong check digit or with escapes or markup between their digits (\`%20\`, \`&nbsp;\`); national account numbers; digits spread over several keys of an object; keypad digits that logs write as words; digit groups that are alone in their log lines or follow words that are not about keypad input; a number that is still being typed, until it is complete; log lines of more than 10,000 characters together with others; national numbers after words that announce another number (\`order\`, \`invoice\`, \`ticket\`, \`reference\`, \`reservation\`, \`booking\`, \`account\`, \`customer\`, \`member\`, \`id\`, \`#\` and the like); local numbers without an area code; short codes; letters instead of digits; phone numbers and e-mail addresses that are split over messages; addresses and IBANs that are spelled with words (\`a as in Adam\`); words of other languages; and content that is split in a conversation in progress, until its last part arrives.`,
  permission: mayChangeSettings,
  body: strict(GivenRedaction),
  examples: { body: EXAMPLE, output: EXAMPLE },
});

export const getRedactions = op({
  ...ofSession,
  ...READS,
  name: 'GetRedactions',
  method: 'GET',
  title: 'Get the masked parts of a conversation',
  summary: 'Get the masked parts of the messages of a conversation',
  description: 'Needs `Conversations.Unredacted` if the business masks any category.',
  permission: mayRead,
  errors: ['NOT_FOUND', 'GONE'],
  examples: { output: { Spans: [EXAMPLE_SPAN] } },
});

export const addRedactions = op({
  ...ofSession,
  ...ADDS,
  name: 'AddRedactions',
  method: 'POST',
  title: 'Mark parts of a conversation',
  summary: 'Mark parts of messages to be masked',
  description:
    'For content that no pattern finds. The conversation must be sealed, since its messages may still move before that. Replacing the messages removes the marks. Needs `Conversations.Unredacted` if the business masks any category.',
  permission: mayEdit,
  body: strict({
    Spans: Type.Array(Span, { minItems: 1, maxItems: 1000, description: 'The parts to mark' }),
  }),
  errors: ['NOT_FOUND', 'GONE', 'CONFLICT'],
  examples: { body: { Spans: [EXAMPLE_SPAN] }, output: { Spans: [EXAMPLE_SPAN] } },
  idempotent: true,
});
