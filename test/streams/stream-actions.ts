import type { ConversationEvent } from '@colloquy/wire';
import { openStream, type StreamReader } from '../fixtures/event-stream.ts';
import { ADMIN_KEY, type TestServer } from '../servers/test-server.ts';

/** Writes conversations of a business, and follows them. */
export class StreamActions {
  readonly server: TestServer;
  readonly businessId: number;
  readonly #readers: StreamReader[] = [];
  #events = 0;

  constructor(server: TestServer, businessId: number) {
    this.server = server;
    this.businessId = businessId;
  }

  at(seconds = 0): string {
    return new Date(this.server.clock.now() + seconds * 1000).toISOString();
  }

  started = (): ConversationEvent => ({
    EventId: 'start',
    Type: 'SessionStarted',
    Timestamp: this.at(),
    InitiationType: 'Inbound',
  });

  said(Content: string, SenderId = 'ann', seconds = 0): ConversationEvent {
    this.#events += 1;
    const EventId = `m${this.#events}`;
    const Role = SenderId === 'bot' ? 'Agent' : 'User';
    return { EventId, Type: 'MessageAdded', Timestamp: this.at(seconds), SenderId, Role, Content };
  }

  joined = (ClientId: string): ConversationEvent => ({
    EventId: 'joined',
    Type: 'ClientJoined',
    Timestamp: this.at(),
    ClientId,
    ClientType: 'Phone',
  });

  ended = (): ConversationEvent => ({
    EventId: 'end',
    Type: 'SessionEnded',
    Timestamp: this.at(),
    EndType: 'Normal',
  });

  whole = (Status: 'Active' | 'Completed', ...contents: readonly string[]) => ({
    QueueId: null,
    Status,
    StartTime: this.at(),
    EndTime: Status === 'Active' ? null : this.at(60),
    EndType: Status === 'Active' ? null : ('Normal' as const),
    Clients: [{ ClientId: 'ann', ClientType: 'Phone' as const, JoinedAt: this.at() }],
    Agents: [],
    Messages: contents.map((Content, n) => ({
      ...{ SenderId: 'ann', Role: 'User' as const, Content, Timestamp: this.at(n) },
    })),
    InitiationType: 'Web' as const,
    Metadata: {},
  });

  append(sessionId: string, ...Events: ConversationEvent[]) {
    const { businessId } = this;
    return this.server.admin.appendConversationEvents({ businessId, sessionId, Events });
  }

  put(sessionId: string, Status: 'Active' | 'Completed', ...contents: string[]) {
    const { businessId } = this;
    const body = this.whole(Status, ...contents);
    return this.server.admin.putConversation({ businessId, sessionId, ...body } as never);
  }

  async seal(): Promise<void> {
    this.server.clock.advance(900);
    await this.server.runJob('seal-ended');
  }

  url(path: string, server: Pick<TestServer, 'url'> = this.server): string {
    return `${server.url}/api/v1/business/${this.businessId}${path}`;
  }

  async open(
    path: string,
    lastEventId: string | null = null,
    { key = ADMIN_KEY, server = this.server }: { key?: string; server?: TestServer } = {},
  ): Promise<StreamReader> {
    const reader = await openStream(this.url(path, server), { key, lastEventId });
    this.#readers.push(reader);
    return reader;
  }

  follow(sessionId: string, lastEventId: string | null = null, options = {}) {
    return this.open(`/conversations/${sessionId}/stream`, lastEventId, options);
  }

  closeAll(): void {
    for (const reader of this.#readers) reader.close();
  }
}
