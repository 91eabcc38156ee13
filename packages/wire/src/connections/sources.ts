/** What a connection to a source needs; the console and the guide say where to find it. */
interface SourceSettings {
  /** The keys of `Secrets`; all are required. */
  readonly secrets: readonly string[];
  /** The keys of `Options` with their values; the first value is the default. */
  readonly options: Readonly<Record<string, readonly string[]>>;
}

const SETTINGS = {
  vapi: { secrets: ['Secret'], options: { Signing: ['hmac', 'bearer', 'header'] } },
  retell: { secrets: ['ApiKey'], options: {} },
  elevenlabs: { secrets: ['WebhookSecret'], options: {} },
  bland: { secrets: ['WebhookSecret'], options: {} },
  twilio: { secrets: ['AuthToken'], options: {} },
  livekit: { secrets: ['ApiKey', 'ApiSecret'], options: {} },
  pipecat: { secrets: [], options: {} },
  openai: { secrets: [], options: {} },
  vcon: { secrets: [], options: {} },
} as const satisfies Record<string, SourceSettings>;

export type SourceName = keyof typeof SETTINGS;
export const SOURCE_SETTINGS: Readonly<Record<SourceName, SourceSettings>> = SETTINGS;
/** The engines and services whose calls connections take in. */
export const SOURCES = Object.keys(SETTINGS) as SourceName[];
