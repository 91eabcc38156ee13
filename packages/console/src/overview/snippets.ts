import { HERE } from '../api/client.ts';

interface Values {
  readonly businessId: number;
  readonly sessionId: string;
  readonly key: string;
}

/** A short conversation, as it happens: four events with times of now. */
function eventsOf(now: number) {
  const at = (seconds: number) => new Date(now - (10 - seconds) * 1000).toISOString();
  return [
    { EventId: '1', Type: 'SessionStarted', Timestamp: at(0), InitiationType: 'Web' },
    {
      ...{ EventId: '2', Type: 'ClientJoined', Timestamp: at(0), ClientId: 'ann' },
      ...{ ClientType: 'Web', Name: 'Ann' },
    },
    {
      ...{ EventId: '3', Type: 'MessageAdded', Timestamp: at(2), SenderId: 'ann', Role: 'User' },
      Content: 'Hello? Is anybody there?',
    },
    { EventId: '4', Type: 'SessionEnded', Timestamp: at(9), EndType: 'UserEndedCall' },
  ];
}

/** In single quotes of a shell, which nothing in an event has. */
const json = () =>
  `{"Events": [\n${eventsOf(Date.now())
    .map((event) => `  ${JSON.stringify(event)}`)
    .join(',\n')}\n]}`;

const url = ({ businessId, sessionId }: Values) =>
  `${HERE}/api/v1/business/${businessId}/conversations/${sessionId}/events`;

/** Requests that run as they stand. */
export const SNIPPETS: readonly {
  readonly id: string;
  readonly label: string;
  readonly render: (values: Values) => string;
}[] = [
  {
    id: 'curl',
    label: 'curl',
    render: (values) => `curl -s -H "Authorization: Token ${values.key}" \\
  -H "Content-Type: application/json" \\
  -d '${json()}' \\
  ${url(values)}`,
  },
  {
    id: 'sdk',
    label: 'TypeScript SDK',
    render: ({ businessId, sessionId, key }) => `import { createClient } from '@colloquy/sdk';

const colloquy = createClient({ baseUrl: '${HERE}', apiKey: '${key}' });
const { Events } = ${json()};
await colloquy.appendConversationEvents({
  businessId: ${businessId},
  sessionId: '${sessionId}',
  Events,
});`,
  },
  {
    id: 'node',
    label: 'JavaScript',
    render: (values) => `const answer = await fetch('${url(values)}', {
  method: 'POST',
  headers: { Authorization: 'Token ${values.key}', 'Content-Type': 'application/json' },
  body: JSON.stringify(${json()}),
});
console.log(answer.status, await answer.text());`,
  },
];
