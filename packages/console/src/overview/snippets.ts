import { HERE } from '../api/client.ts';

/** What a snippet is filled in with. Sent twice, or from two of them, it is one conversation. */
export interface Values {
  readonly businessId: number;
  readonly sessionId: string;
  /** When the conversation ends, in milliseconds since 1970. */
  readonly now: number;
  readonly key: string;
}

type Told = Readonly<Record<string, string>>;

/** A short conversation, as an engine tells it while it happens. */
function eventsOf({ now }: Values): readonly Told[] {
  const at = (seconds: number) =>
    `${new Date(now - (14 - seconds) * 1000).toISOString().slice(0, 19)}Z`;
  const agent = { SenderId: 'desk', Role: 'Agent' };
  const told: readonly [type: string, seconds: number, rest: Told][] = [
    ['SessionStarted', 0, { InitiationType: 'Web' }],
    ['AgentJoined', 0, { AgentId: 'desk', AgentType: 'AI', Name: 'Front desk' }],
    ['ClientJoined', 1, { ClientId: 'ann', ClientType: 'Web', Name: 'Ann' }],
    ['MessageAdded', 2, { ...agent, Content: 'Hello, how can I help?' }],
    ['MessageAdded', 6, { SenderId: 'ann', Role: 'User', Content: 'Are you open on Saturday?' }],
    ['MessageAdded', 9, { ...agent, Content: 'Yes, from nine to one.' }],
    ['SessionEnded', 13, { EndType: 'UserEndedCall' }],
  ];
  return told.map(([Type, seconds, rest], index) => ({
    EventId: String(index + 1),
    Type,
    Timestamp: at(seconds),
    ...rest,
  }));
}

/** What fits beside each other where a snippet is shown. */
const WIDEST = 92;

/**
 * Events one below the other, none wider than what shows them. Nothing in them is a quote of one kind or
 * the other, so that a shell takes them in single ones and a program in its own.
 */
function lines(values: Values, indent: string, pair: (name: string, value: string) => string) {
  const eventText = (event: Told) => {
    const rows: string[] = [];
    for (const [name, value] of Object.entries(event)) {
      const text = pair(name, value);
      const row = rows.at(-1);
      if (row !== undefined && indent.length + row.length + text.length + 8 < WIDEST) {
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
  baseUrl: '${HERE}',
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
