import { setTimeout as sleep } from 'node:timers/promises';
import { toE164 } from '@colloquy/phone-numbers';
import type { Client } from '@colloquy/sdk';
import type { ConversationEvent, PutConversationBody } from '@colloquy/wire';

export type SampleCall = PutConversationBody & { readonly EndTime: string };

export interface LeasedCall {
  readonly QueueId: string;
  readonly LeaseToken: string;
  readonly DynamicVariables?: Readonly<Record<string, unknown>>;
  readonly RecipientNumber?: string;
  readonly CallerNumber?: string;
}

export interface Playing {
  readonly client: Client;
  readonly businessId: number;
  readonly sessionId: string;
  readonly call: LeasedCall;
  readonly sample: SampleCall;
  readonly initiationType: 'Outbound' | 'Inbound';
  readonly speed: number;
  /** Plays the rest without pauses. */
  readonly hurry: AbortSignal;
}

type Timed = { readonly at: number; readonly event: Record<string, unknown> };

/** Appends its events when they are due. They name the call, which ends with them. */
export async function playCall(playing: Playing): Promise<void> {
  const { client, businessId, sessionId, hurry } = playing;
  for (const [index, { at, event }] of timeline(playing).entries()) {
    const pause = at - Date.now();
    if (pause > 0) await sleep(pause, undefined, { signal: hurry }).catch(() => undefined);
    const Timestamp = new Date().toISOString();
    await client.appendConversationEvents({
      businessId,
      sessionId,
      Events: [{ EventId: `event-${index}`, Timestamp, ...event } as unknown as ConversationEvent],
    });
  }
}

function timeline({ call, sample, initiationType, speed }: Playing): Timed[] {
  const begin = Date.now();
  const origin = Date.parse(sample.StartTime);
  const when = (timestamp: string) => begin + (Date.parse(timestamp) - origin) / speed;
  const number = toE164(call.RecipientNumber ?? call.CallerNumber ?? '');
  const events: Timed[] = [
    {
      at: begin,
      event: {
        Type: 'SessionStarted',
        InitiationType: initiationType,
        QueueId: call.QueueId,
        Metadata: { ...sample.Metadata, IsSimulated: true },
        Source: { Provider: 'colloquy work --simulate' },
      },
    },
  ];
  for (const { ClientId, JoinedAt, Name } of sample.Clients ?? []) {
    events.push({
      at: when(JoinedAt),
      event: {
        Type: 'ClientJoined',
        ClientId,
        ClientType: 'Phone',
        ...(number !== null && { PhoneNumber: number }),
        ...(Name != null && { Name }),
      },
    });
  }
  for (const { AgentId, AgentType, JoinedAt, Name } of sample.Agents ?? []) {
    events.push({
      at: when(JoinedAt),
      event: { Type: 'AgentJoined', AgentId, AgentType, ...(Name != null && { Name }) },
    });
  }
  for (const { Timestamp, EndedAt: _ended, ...message } of sample.Messages ?? []) {
    events.push({ at: when(Timestamp), event: { Type: 'MessageAdded', ...message } });
  }
  for (const { Timestamp, ...log } of sample.Logs ?? []) {
    events.push({ at: when(Timestamp), event: { Type: 'LogAdded', ...log } });
  }
  const { EndType, EndReason, Status } = sample;
  events.push({
    at: when(sample.EndTime),
    event: { Type: 'SessionEnded', EndType, Status, ...(EndReason != null && { EndReason }) },
  });
  return events.sort((a, b) => a.at - b.at);
}
