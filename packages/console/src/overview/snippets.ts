import { BASE_URL } from '../api/client.ts';

/** The values of a snippet. Running several snippets, or one twice, adds one conversation. */
export interface Values {
  readonly businessId: number;
  readonly sessionId: string;
  /** Milliseconds since 1970; the end of the conversation. */
  readonly now: number;
  readonly key: string;
}

type EventFields = Readonly<Record<string, string>>;

function eventsOf({ now }: Values): readonly EventFields[] {
  const at = (seconds: number) =>
    `${new Date(now - (14 - seconds) * 1000).toISOString().slice(0, 19)}Z`;
  const agent = { SenderId: 'desk', Role: 'Agent' };
  const events: readonly [type: string, seconds: number, rest: EventFields][] = [
    ['SessionStarted', 0, { InitiationType: 'Web' }],
    ['AgentJoined', 0, { AgentId: 'desk', AgentType: 'AI', Name: 'Front desk' }],
    ['ClientJoined', 1, { ClientId: 'ann', ClientType: 'Web', Name: 'Ann' }],
    ['MessageAdded', 2, { ...agent, Content: 'Hello, how can I help?' }],
    ['MessageAdded', 6, { SenderId: 'ann', Role: 'User', Content: 'Are you open on Saturday?' }],
    ['MessageAdded', 9, { ...agent, Content: 'Yes, from nine to one.' }],
    ['SessionEnded', 13, { EndType: 'UserEndedCall' }],
  ];
  return events.map(([Type, seconds, rest], index) => ({
    EventId: String(index + 1),
    Type,
    Timestamp: at(seconds),
    ...rest,
  }));
}

const MAX_LINE_LENGTH = 92;

/** Events one per line, wrapped to the page. Values contain no quotes, so shells can quote them. */
function lines(values: Values, indent: string, pair: (name: string, value: string) => string) {
  const eventText = (event: EventFields) => {
    const rows: string[] = [];
    for (const [name, value] of Object.entries(event)) {
      const text = pair(name, value);
      const row = rows.at(-1);
      if (row !== undefined && indent.length + row.length + text.length + 8 < MAX_LINE_LENGTH) {
        rows[rows.length - 1] = `${row}, ${text}`;
      } else rows.push(text);
    }
    return `${indent}{ ${rows.join(`,\n${indent}  `)} }`;
  };
  return eventsOf(values).map(eventText).join(',\n');
}

const jsonPair = (name: string, value: string) => `"${name}": "${value}"`;
const codePair = (name: string, value: string) => `${name}: '${value}'`;

const url = ({ businessId, sessionId }: Values) =>
  `${BASE_URL}/api/v1/business/${businessId}/conversations/${sessionId}/events`;

export const SNIPPETS: readonly {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly render: (values: Values) => string;
}[] = [
  {
    id: 'curl',
    label: 'curl',
    hint: 'Run it in a terminal on Linux or macOS; on Windows use Node.',
    render: (values) => `curl -s '${url(values)}' \\
  -H 'Authorization: Token ${values.key}' \\
  -H 'Content-Type: application/json' \\
  -d '{"Events": [
${lines(values, '    ', jsonPair)}
  ]}'`,
  },
  {
    id: 'sdk',
    label: 'TypeScript SDK',
    hint: 'In a project with @colloquy/sdk, save it as first.mjs and run “node first.mjs”.',
    render: (values) => `import { createClient } from '@colloquy/sdk';

const colloquy = createClient({
  baseUrl: '${BASE_URL}',
  apiKey: '${values.key}',
});

const answer = await colloquy.appendConversationEvents({
  businessId: ${values.businessId},
  sessionId: '${values.sessionId}',
  Events: [
${lines(values, '    ', codePair)},
  ],
});
console.log(answer);`,
  },
  {
    id: 'node',
    label: 'Node',
    hint: 'Save it as first.mjs and run “node first.mjs”; only Node is required.',
    render: (values) => `const url = '${url(values)}';
const answer = await fetch(url, {
  method: 'POST',
  headers: {
    Authorization: 'Token ${values.key}',
    'Content-Type': 'application/json',
  },
  body: JSON.stringify({
    Events: [
${lines(values, '      ', codePair)},
    ],
  }),
});
console.log(answer.status, await answer.json());`,
  },
];
