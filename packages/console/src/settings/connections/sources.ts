import { SOURCES, type SourceName } from '@colloquy/wire';

export { SOURCES, type SourceName };

interface SecretWords {
  readonly label: string;
  readonly hint: string;
  /** The user invents it and gives it to the source too. */
  readonly isOwn?: true;
}

interface OptionWords {
  readonly label: string;
  readonly hint: string;
  readonly values: Readonly<Record<string, string>>;
}

interface Step {
  /** `code` is between backticks. */
  readonly text: string;
  /** Shown only if the option has this value. */
  readonly if?: readonly [option: string, value: string];
}

interface SourceGuide {
  readonly label: string;
  readonly secrets: Readonly<Record<string, SecretWords>>;
  readonly options: Readonly<Record<string, OptionWords>>;
  /** What to do at the source when the connection exists. */
  readonly steps: readonly Step[];
  /** Pages of the vendor's documentation. */
  readonly links: readonly (readonly [label: string, url: string])[];
}

/** All that the console says about a source. One without an entry gets the general texts below. */
const GUIDES: Readonly<Record<string, SourceGuide>> = {
  vapi: {
    label: 'Vapi',
    secrets: {
      Secret: {
        label: 'Secret',
        hint: 'A secret of your own, at least 16 random characters. Vapi gets the same one.',
        isOwn: true,
      },
    },
    options: {
      Signing: {
        label: 'How Vapi proves itself',
        hint: 'A signature is the strongest: the secret is never sent.',
        values: {
          hmac: 'HMAC signature (recommended)',
          bearer: 'Bearer token',
          header: 'Header X-Vapi-Secret',
        },
      },
    },
    steps: [
      {
        text: 'At Vapi, create a custom credential of the type HMAC with the secret: algorithm `sha256`, signature header `x-signature`, timestamp header `x-timestamp`, payload `{timestamp}.{body}`.',
        if: ['Signing', 'hmac'],
      },
      {
        text: 'At Vapi, create a custom credential that sends the secret as a bearer token.',
        if: ['Signing', 'bearer'],
      },
      {
        text: 'At Vapi, let the secret be sent in the header `X-Vapi-Secret`.',
        if: ['Signing', 'header'],
      },
      {
        text: 'Set the URL above as the server URL of the assistant, phone number or organization, with this credential.',
      },
      {
        text: 'Select the server messages `end-of-call-report` and `status-update`. Others, such as `conversation-update`, show calls in progress.',
      },
      {
        text: 'Let Vapi retry: set `server.backoffPlan` with `maxRetries` 5. By default it does not retry.',
      },
    ],
    links: [
      ['Server events', 'https://docs.vapi.ai/server-url/events'],
      ['Server authentication', 'https://docs.vapi.ai/server-url/server-authentication'],
    ],
  },
  retell: {
    label: 'Retell',
    secrets: {
      ApiKey: {
        label: 'API key',
        hint: 'The API key of your Retell account that carries the webhook badge: Retell signs with it.',
      },
    },
    options: {},
    steps: [
      { text: 'At Retell, set the URL above as the webhook URL of the account or of an agent.' },
      {
        text: 'Select the events `call_started`, `call_ended` and `call_analyzed`. `transcript_updated` shows calls in progress.',
      },
    ],
    links: [
      ['Webhooks', 'https://docs.retellai.com/features/webhook-overview'],
      ['Secure the webhook', 'https://docs.retellai.com/features/secure-webhook'],
    ],
  },
  elevenlabs: {
    label: 'ElevenLabs',
    secrets: {
      WebhookSecret: {
        label: 'Webhook secret',
        hint: 'ElevenLabs shows it once, when you create the post-call webhook.',
      },
    },
    options: {},
    steps: [
      {
        text: 'In the settings of ElevenLabs Agents, set the URL above as the callback URL of a post-call webhook with HMAC authentication.',
      },
      { text: 'Select the events for transcripts and for failed calls.' },
      { text: 'Switch retries on: by default, a request that fails is lost.' },
    ],
    links: [
      [
        'Post-call webhooks',
        'https://elevenlabs.io/docs/eleven-agents/workflows/post-call-webhooks',
      ],
    ],
  },
  bland: {
    label: 'Bland',
    secrets: {
      WebhookSecret: {
        label: 'Webhook signing secret',
        hint: 'Create it in the account settings of Bland, under Keys. It is shown once.',
      },
    },
    options: {},
    steps: [
      {
        text: 'Set the URL above as `webhook` of the calls, or in the settings of the inbound number.',
      },
    ],
    links: [],
  },
  twilio: {
    label: 'Twilio',
    secrets: {
      AuthToken: { label: 'Auth token', hint: 'The auth token of your Twilio account.' },
    },
    options: {},
    steps: [
      {
        text: 'Set the URL above as `StatusCallback` of outbound calls, with the events `initiated`, `ringing`, `answered` and `completed`, and as the status callback of the phone numbers that are called.',
      },
      { text: 'Set it as `RecordingStatusCallback` too, if you record calls.' },
      { text: 'Set it as `AsyncAmdStatusCallback`, if you detect answering machines.' },
    ],
    links: [],
  },
  livekit: {
    label: 'LiveKit',
    secrets: {
      ApiKey: { label: 'API key', hint: 'The API key of your project, which signs its webhooks.' },
      ApiSecret: { label: 'API secret', hint: 'The secret of this API key.' },
    },
    options: {},
    steps: [
      {
        text: 'Set the URL above as a webhook of the project that is signed with this API key. A LiveKit server of your own has both under `webhook` in its configuration.',
      },
      {
        text: 'To add transcripts, let your agent post its session report to the same URL at the end of the session, as JSON with an API key of this business.',
      },
    ],
    links: [['Webhooks', 'https://docs.livekit.io/home/server/webhooks/']],
  },
  pipecat: {
    label: 'Pipecat',
    secrets: {},
    options: {},
    steps: [
      {
        text: 'Create an API key with the right to add conversations, and give it to the process that runs the pipeline.',
      },
      {
        text: 'At the end of a session, post its turns as JSON to the URL above, with the header `Authorization: Bearer <key>`. The guide has an example.',
      },
    ],
    links: [
      ['Turn events of Pipecat', 'https://docs.pipecat.ai/pipecat/fundamentals/saving-transcripts'],
    ],
  },
  openai: {
    label: 'OpenAI Realtime',
    secrets: {},
    options: {},
    steps: [
      {
        text: 'Create an API key with the right to add conversations, and give it to the process that holds the session.',
      },
      {
        text: 'Post the server events as lines of JSON to the URL above, with the header `Authorization: Bearer <key>`, each with `received_at`. Leave `response.output_audio.delta` out.',
      },
      {
        text: 'End the log with a line of your own, such as `{"type": "session.closed", "received_at": "…"}`.',
      },
    ],
    links: [],
  },
  vcon: {
    label: 'vCon',
    secrets: {},
    options: {},
    steps: [
      {
        text: 'Create an API key with the right to add conversations, and give it to the program that has the vCons.',
      },
      {
        text: 'Post each vCon to the URL above, with the header `Authorization: Bearer <key>`. It may be signed and compressed.',
      },
    ],
    links: [],
  },
};

export function guideOf(source: string): SourceGuide {
  return GUIDES[source] ?? generalGuide(source);
}

function generalGuide(source: string): SourceGuide {
  const label = source.charAt(0).toUpperCase() + source.slice(1);
  return {
    label,
    secrets: {},
    options: {},
    steps: [{ text: `At ${label}, set the URL above as the address of its webhooks.` }],
    links: [],
  };
}

export const secretWords = (source: string, name: string): SecretWords =>
  guideOf(source).secrets[name] ?? {
    label: name,
    hint: `Verifies the requests of ${guideOf(source).label}.`,
  };

export const optionWords = (source: string, name: string): OptionWords =>
  guideOf(source).options[name] ?? { label: name, hint: '', values: {} };

export const optionValueText = (source: string, name: string, value: string): string =>
  optionWords(source, name).values[value] ?? value;
