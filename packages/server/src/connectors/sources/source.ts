import type {
  AgentType,
  ClientType,
  EndType,
  InitiationType,
  SourceName,
  Status,
} from '@colloquy/wire';
import type { Log, Message } from '../../conversations/model/conversation.ts';
import type { Fields } from './fields.ts';

/**
 * What every source implements, in a folder each: `verify.ts`, `translate.ts`, `end-reasons.ts` and
 * `fixtures/`. Instants are milliseconds since 1970.
 */
export interface Source {
  readonly name: SourceName;
  /** Null: its requests have an API key of ours instead of a signature. */
  readonly verify: Verify | null;
  /** Of a source with both kinds of requests; all requests of the others are signed. */
  readonly isSigned?: (headers: Headers) => boolean;
  /** An API key of ours, besides the verification. */
  readonly demandsKey?: true;
  readonly identify: Identify;
  readonly translate: Translate;
  /** Instead of `translate`, if deliveries are parts of a whole that cannot be understood one by one. */
  readonly translateTogether?: TranslateTogether;
  readonly endReasons: EndReasons;
}

/** Names of headers are in lower case. */
export type Headers = Readonly<Record<string, string>>;

/** As it arrived. */
export interface ReceivedRequest {
  readonly method: string;
  /** As the client addressed it, with the query. */
  readonly url: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** By their names in `Secrets` of the connection. */
export type SecretSet = Readonly<Record<string, string>>;

export interface Verification {
  /** The current one, and the earlier one for 24 hours after a rotation. */
  readonly secrets: readonly SecretSet[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly now: number;
}

/** Null accepts; otherwise one sentence that says what is wrong. Never throws, whatever was sent. */
export type Verify = (
  request: ReceivedRequest,
  verification: Verification,
) => string | null | Promise<string | null>;

/** A request in the vault. */
export interface StoredDelivery {
  readonly headers: Headers;
  readonly body: Buffer;
  /** Of its connection; absent if the caller does not know them. */
  readonly options?: Verification['options'];
}

export interface EventIdentity {
  /** Null if the delivery is about no call; it is then only stored. */
  readonly callId: string | null;
  readonly eventType: string;
  /** The provider's id of the event; null if it has none. */
  readonly eventId: string | null;
}

/** Runs before the answer is sent, so it only looks up ids. Throws if the body cannot be read. */
export type Identify = (delivery: StoredDelivery) => EventIdentity;

/**
 * What a delivery says about its call. Pure. Unknown fields, roles and types become warnings; throws
 * only if the body cannot be read.
 */
export type Translate = (delivery: StoredDelivery) => CallReport;

export interface TimedDelivery extends StoredDelivery {
  readonly receivedAt: number;
}

/** What all deliveries of a call say, in whatever order they came. */
export type TranslateTogether = (deliveries: readonly TimedDelivery[]) => CallReport;

/**
 * An instant, or milliseconds since the call began; the fold of all reports adds the start. Null
 * if the vendor gives none: the time of the entry before it counts.
 */
export type Moment = number | { readonly sinceStart: number } | null;

/** In the order of a call, so that a report that comes late is folded in its place. */
export const STAGES = ['Announced', 'Started', 'Ended', 'Completed'] as const;
export type Stage = (typeof STAGES)[number];

/** Absent, null and empty fields say nothing, and never replace what another report says. */
export interface CallReport {
  readonly stage: Stage;
  /** The vendor's time or number of the event, which orders the events of a stage. */
  readonly order: number;
  readonly call: ReportedCall;
  readonly clients: readonly ReportedClient[];
  readonly agents: readonly ReportedAgent[];
  /** The transcript so far, as a whole. */
  readonly messages: readonly ReportedMessage[];
  readonly logs: readonly ReportedLog[];
  readonly audio: readonly ReportedAudio[];
  /** Of each part that is known; a part without a value may still come. */
  readonly completeness: Partial<Readonly<Record<Part, 'Complete' | 'Absent'>>>;
  /** One sentence each, without personal data: the names of unknown fields, roles and types. */
  readonly warnings: readonly string[];
}

export type Part = 'Transcript' | 'Audio' | 'Analysis';

export interface ReportedCall {
  /** Ids of the same call at other sources, such as `twilio` and the CallSid of its leg. */
  readonly otherIds?: readonly { readonly source: string; readonly id: string }[];
  readonly queueId?: string | null;
  /** A state before the end; the end is known by `hasEnded`. */
  readonly status?: Exclude<Status, 'Completed' | 'Failed'> | null;
  readonly hasEnded?: boolean;
  readonly startTime?: number | null;
  readonly endTime?: Moment;
  /** The vendor's own word, which `EndReasons` maps. */
  readonly endReason?: string | null;
  readonly initiationType?: InitiationType | null;
  readonly metadata?: Fields;
  readonly analysis?: ReportedAnalysis;
  readonly cost?: ReportedCost;
}

export interface ReportedAnalysis {
  readonly summary?: string | null;
  /** The vendor's verdict: `true`, `false`, or a word or number on its own scale. */
  readonly success?: string | null;
  readonly structured?: Fields | null;
}

export interface ReportedCost {
  readonly amount: number;
  readonly currency: string;
  readonly parts: Readonly<Record<string, number>>;
}

interface ReportedPresence {
  /** The call's start by default. */
  readonly joinedAt?: Moment;
  /** The call's end by default. */
  readonly leftAt?: Moment;
  readonly leaveReason?: string | null;
  readonly name?: string | null;
}

/** The first one is the person whom the call is with. */
export interface ReportedClient extends ReportedPresence {
  /** Null if this report does not say it; another may. */
  readonly clientId: string | null;
  readonly clientType: ClientType;
  readonly phoneNumber?: string | null;
}

/** The first one is the engine's agent. */
export interface ReportedAgent extends ReportedPresence {
  readonly agentId: string | null;
  readonly agentType: AgentType;
}

export interface ReportedMessage extends Omit<Message, 'senderId' | 'at' | 'endedAt'> {
  /** Null: the first client for `User`, the first agent for `Agent` and `Tool`. */
  readonly senderId: string | null;
  readonly at: Moment;
  readonly endedAt?: Moment;
}

export interface ReportedLog extends Omit<Log, 'at'> {
  readonly at: Moment;
}

/** The first client, the first agent, or another participant. */
export type Speaker = 'Client' | 'Agent' | { readonly participantId: string };

/** A file to copy. The vendor's links expire, and may need headers. */
export interface ReportedAudio {
  readonly url: string;
  readonly headers?: Headers;
  /** Of a stereo file the speaker of each channel; null for a channel without one. */
  readonly of: Speaker | 'Mixed' | { readonly channels: readonly (Speaker | null)[] };
  /** Of the file, by several algorithms of node:crypto; the digest is in hex. */
  readonly hashes?: readonly { readonly algorithm: string; readonly digest: string }[];
  readonly startTime?: Moment;
}

/**
 * The vendor's words and what they mean, the first match counts: a whole word, with a final `*` the
 * beginning of one, between two `*` a part of one. Capital letters make no difference. Words without
 * an entry are counted and mean `MidSessionFailure`.
 */
export type EndReasons = readonly (readonly [pattern: string, meaning: EndType])[];
