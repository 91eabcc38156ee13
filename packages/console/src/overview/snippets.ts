import { HERE } from '../api/client.ts';

/** What a snippet is filled in with. Sent twice, or from two of them, it is one conversation. */
export interface Values {
  readonly businessId: number;
  readonly sessionId: string;
  /** When the conversation ends, in milliseconds since 1970. */
  readonly now: number;
  readonly key: string;
}

/** A short conversation, as an engine tells it while it happens. */
function eventsOf({ now }: Values) {
  const at = (seconds: number) => new Date(now - (10 - seconds) * 1000).toISOString();
  return [
    { EventId: '1', Type: 'SessionStarted', Timestamp: at(0), InitiationType: 'Web' },
    {
      EventId: '2',
      Type: 'ClientJoined',
      Timestamp: at(0),
      ClientId: 'ann',
      ClientType: 'Web',
      Name: 'Ann',
    },
    {
      EventId: '3',
      Type: 'MessageAdded',
      Timestamp: at(2),
      SenderId: 'ann',
      Role: 'User',
      Content: 'Hello? Is anybody there?',
    },
    { EventId: '4', Type: 'SessionEnded', Timestamp: at(9), EndType: 'UserEndedCall' },
  ];
}

/** An event to a line. Nothing in it is a single quote, so that a shell takes it in those. */
const lines = (values: Values, indent: string) =>
  eventsOf(values)
    .map((event) => `${indent}${JSON.stringify(event)}`)
    .join(',\n');

const url = ({ businessId, sessionId }: Values) =>
  `${HERE}/api/v1/business/${businessId}/conversations/${sessionId}/events`;

/** Requests that run as they stand. */
export const SNIPPETS: readonly {
  readonly id: string;
  readonly label: string;
  /** How it is run. */
  readonly hint: string;
  readonly render: (values: Values) => string;
}[] = [
  {
    id: 'curl',
    label: 'curl',
    hint: 'Paste it into a terminal.',
    render: (values) => `curl -s '${url(values)}' \\
  -H 'Authorization: Token ${values.key}' \\
  -H 'Content-Type: application/json' \\
  -d '{"Events": [
${lines(values, '    ')}
  ]}'`,
  },
  {
    id: 'sdk',
    label: 'TypeScript SDK',
    hint: 'In a project that has @colloquy/sdk, save it as first.mjs, and run: node first.mjs',
    render: (values) => `import { createClient } from '@colloquy/sdk';

const colloquy = createClient({
  baseUrl: '${HERE}',
  apiKey: '${values.key}',
});

const answer = await colloquy.appendConversationEvents({
  businessId: ${values.businessId},
  sessionId: '${values.sessionId}',
  Events: [
${lines(values, '    ')},
  ],
});
console.log(answer);`,
  },
  {
    id: 'node',
    label: 'Node',
    hint: 'Save it as first.mjs, and run: node first.mjs',
    render: (values) => `const answer = await fetch('${url(values)}', {
  method: 'POST',
  headers: {
    Authorization: 'Token ${values.key}',
    'Content-Type': 'application/json',
  },
  body: JSON.stringify({
    Events: [
${lines(values, '      ')},
    ],
  }),
});
console.log(answer.status, await answer.json());`,
  },
];
