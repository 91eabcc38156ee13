import { CallTimeline, type Speaker } from './call-timeline.ts';
import {
  type Agent,
  type Client,
  type ConversationBody,
  formatInstant,
  type Status,
} from './conversation.ts';
import { playConsultation, playDialogue } from './demo-dialogue-play.ts';
import { COLLEAGUE, COMPANY, type DemoAgent, type DemoClient } from './demo-people.ts';
import { type CallPlan, isLive } from './demo-plan.ts';
import type { Dialogue } from './dialogue.ts';
import type { SeededRandom } from './seeded-random.ts';

interface Presence {
  joinedMs: number;
  leftMs: number | null;
  reason: string | null;
}

type CallParts = Pick<DemoCall, 'plan' | 'dialogue' | 'agent' | 'client'>;

export class DemoCall {
  readonly timeline: CallTimeline;
  readonly plan: CallPlan;
  readonly dialogue: Dialogue;
  readonly agent: DemoAgent;
  readonly client: DemoClient;
  readonly random: SeededRandom;
  /** A client who never answers joins at the first ring, because the API requires a time. */
  readonly #clientPresence: Presence = { joinedMs: 0, leftMs: null, reason: null };
  readonly #agents: { agent: DemoAgent; presence: Presence }[] = [];
  #endReason: string | null = null;

  constructor({ plan, dialogue, agent, client }: CallParts, random: SeededRandom) {
    this.plan = plan;
    this.dialogue = dialogue;
    this.agent = agent;
    this.client = client;
    this.random = random;
    this.timeline = new CallTimeline(random);
    this.#play();
  }

  get durationMs(): number {
    return this.timeline.cursorMs;
  }

  get hasRecordings(): boolean {
    return !isLive(this.plan.ending) && this.timeline.audio.size > 0;
  }

  toBody(id: string, startMs: number): ConversationBody {
    const { ending, initiation } = this.plan;
    const live = isLive(ending);
    const hasTranscript = this.timeline.audio.size > 0 && ending !== 'VoicemailDetected';
    return {
      Id: id,
      QueueId: null,
      Status: this.#status(),
      StartTime: formatInstant(startMs),
      EndTime: live ? null : formatInstant(startMs + this.durationMs),
      EndType: live ? null : ending,
      Clients: [this.#describeClient(startMs)],
      Agents: this.#agents.map((entry) => this.#describeAgent(entry, startMs)),
      Messages: this.timeline.messagesFrom(startMs),
      Logs: this.timeline.logsFrom(startMs),
      InitiationType: initiation,
      Metadata: {
        Scenario: this.agent.scenario,
        ...(hasTranscript
          ? { ...this.dialogue.metadata, Voices: 'synthetic' }
          : { Locale: 'en-US' }),
      },
      ...(this.#endReason !== null && { EndReason: this.#endReason }),
      ...(hasTranscript && {
        Source: { Provider: this.dialogue.provider, ProviderCallId: this.dialogue.upstreamId },
      }),
    };
  }

  #status(): Status {
    const { ending } = this.plan;
    if (isLive(ending)) return ending;
    const failures = ['MidSessionFailure', 'InitializeError', 'ExpiredWaitingForInitialize'];
    return failures.includes(ending) ? 'Failed' : 'Completed';
  }

  #play(): void {
    switch (this.plan.ending) {
      case 'UserNoAnswer':
        this.#neverAnswered([28_000, 42_000], 'NoAnswer', 'Client did not answer', 'SIP 480');
        break;
      case 'UserDeclinedOrBusy':
        if (this.random.next() < 0.5) {
          this.#neverAnswered([1_500, 3_000], 'Busy', 'Client is busy', 'SIP 486');
        } else {
          this.#neverAnswered([4_000, 9_000], 'Declined', 'Client declined the call', 'SIP 603');
        }
        break;
      case 'Canceled':
        this.#neverAnswered([1_200, 6_000], null, 'Call canceled while ringing', 'SIP 487');
        break;
      case 'WaitingForPrimaryClient':
        this.#dial();
        this.timeline.wait(9_000);
        break;
      case 'VoicemailDetected':
        this.#leaveVoicemail();
        break;
      case 'InitializeError':
        this.#failToStart();
        break;
      case 'ExpiredWaitingForInitialize':
        this.#waitInVain();
        break;
      default:
        this.#connect();
        if (this.plan.source === 'primock57') playConsultation(this);
        else playDialogue(this);
    }
  }

  get clientSpeaker(): Speaker {
    return { id: this.client.id, role: 'User', isAi: false, voice: this.client.voice };
  }

  get agentSpeaker(): Speaker {
    return speakerFor(this.agent);
  }

  /** Removes the AI agent and, if planned, adds a person; otherwise ends the call. */
  transfer(): Speaker | null {
    const { timeline } = this;
    timeline.log('Info', 'telephony', 'Transferring to the service desk');
    this.#leaveAgents('Transferred');
    if (!this.plan.colleague) {
      timeline.wait(900, 1_600);
      this.end('Transferred', 'refer_accepted');
      return null;
    }
    timeline.wait(2_500, 5_000);
    this.#joinAgent(COLLEAGUE);
    timeline.wait(500, 900);
    return speakerFor(COLLEAGUE);
  }

  /** Ends the call now for all parties. */
  end(clientReason: string | null, endReason: string | null, agentReason?: string): void {
    const { timeline } = this;
    this.#endReason = endReason;
    timeline.log('Info', 'telephony', 'Call ended', { EndType: this.plan.ending });
    this.#clientPresence.leftMs = timeline.cursorMs;
    this.#clientPresence.reason = clientReason;
    this.#leaveAgents(agentReason ?? null);
  }

  #leaveAgents(reason: string | null): void {
    for (const { presence } of this.#agents) {
      if (presence.leftMs !== null) continue;
      presence.leftMs = this.timeline.cursorMs;
      presence.reason = reason;
    }
  }

  #joinAgent(agent: DemoAgent): void {
    const joinedMs = this.timeline.cursorMs;
    this.#agents.push({ agent, presence: { joinedMs, leftMs: null, reason: null } });
    this.timeline.log('Info', 'session', `Agent ${agent.name} joined`);
  }

  #joinClient(): void {
    this.#clientPresence.joinedMs = this.timeline.cursorMs;
    const channel = this.plan.initiation === 'Web' ? 'webrtc' : 'telephony';
    this.timeline.log('Info', channel, 'Call connected successfully');
  }

  #dial(): void {
    this.timeline.log('Info', 'telephony', 'Dialing the client');
    this.#joinAgent(this.agent);
  }

  #connect(): void {
    const { timeline, plan } = this;
    if (plan.initiation === 'Outbound') {
      this.#dial();
      timeline.wait(4_000, 11_000);
      this.#joinClient();
      timeline.wait(500, 900);
      timeline.say(this.clientSpeaker, 'Hello?');
      timeline.wait(600, 900);
    } else {
      this.#joinClient();
      timeline.wait(300, 1_500);
      this.#joinAgent(this.agent);
      timeline.wait(300, 500);
    }
  }

  #neverAnswered(
    ringingMs: readonly [least: number, most: number],
    clientReason: string | null,
    message: string,
    endReason: string,
  ): void {
    this.#dial();
    this.timeline.wait(...ringingMs);
    this.timeline.log('Info', 'telephony', message, { Response: endReason });
    this.end(clientReason, endReason);
  }

  #leaveVoicemail(): void {
    const { timeline, agent, client } = this;
    const firstName = client.name.split(' ')[0] ?? client.name;
    this.#dial();
    timeline.wait(16_000, 22_000);
    this.#joinClient();
    timeline.wait(2_800, 4_200);
    timeline.log('Info', 'telephony', 'Answering machine detected');
    timeline.wait(500, 900);
    timeline.say(
      this.agentSpeaker,
      `Hello ${firstName}, this is ${agent.name} at ${COMPANY}. I am calling you back about your ` +
        'question. Please call us again when it suits you. Thank you, and goodbye.',
    );
    timeline.wait(400, 700);
    this.end(null, 'machine_end_beep', 'Hangup');
  }

  #failToStart(): void {
    const { timeline } = this;
    this.#joinClient();
    timeline.wait(900, 1_800);
    timeline.log('Error', 'session', 'The speech service refused the session', { Status: 503 });
    timeline.wait(200, 400);
    timeline.log('Critical', 'session', 'The agent could not be started');
    this.end('Error', 'agent_start_failed');
  }

  #waitInVain(): void {
    const { timeline } = this;
    this.#joinClient();
    timeline.wait(15_000);
    timeline.log('Warning', 'session', 'No worker has taken the session after 15 s');
    timeline.wait(15_000);
    timeline.log('Error', 'session', 'Gave up waiting for a worker after 30 s');
    this.end('Error', 'initialize_timeout');
  }

  #describeClient(startMs: number): Client {
    const { client, plan } = this;
    const isWeb = plan.initiation === 'Web';
    return {
      ClientId: client.id,
      ClientType: isWeb ? 'Web' : 'Phone',
      ...describePresence(this.#clientPresence, startMs),
      ...(!isWeb && { PhoneNumber: client.phoneNumber }),
      Name: client.name,
    };
  }

  #describeAgent(
    { agent, presence }: { agent: DemoAgent; presence: Presence },
    startMs: number,
  ): Agent {
    return {
      AgentId: agent.id,
      AgentType: agent.type,
      ...describePresence(presence, startMs),
      Name: agent.name,
    };
  }
}

function speakerFor(agent: DemoAgent): Speaker {
  return { id: agent.id, role: 'Agent', isAi: agent.type === 'AI', voice: agent.voice };
}

function describePresence({ joinedMs, leftMs, reason }: Presence, startMs: number) {
  return {
    JoinedAt: formatInstant(startMs + joinedMs),
    LeftAt: leftMs === null ? null : formatInstant(startMs + leftMs),
    LeaveReason: reason,
  };
}
