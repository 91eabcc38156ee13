import type { CallTimeline, Speaker } from './call-timeline.ts';
import { COMPANY, type DemoAgent } from './demo-people.ts';
import { type CallPlan, isLive } from './demo-plan.ts';
import type { Dialogue, Turn } from './dialogue.ts';
import { startOf } from './primock57.ts';
import type { SeededRandom } from './seeded-random.ts';

/** The parts of an answered call that its dialogue needs. */
interface AnsweredCall {
  readonly timeline: CallTimeline;
  readonly plan: CallPlan;
  readonly dialogue: Dialogue;
  readonly agent: DemoAgent;
  readonly random: SeededRandom;
  readonly clientSpeaker: Speaker;
  readonly agentSpeaker: Speaker;
  end(clientReason: string | null, endReason: string | null, agentReason?: string): void;
  transfer(): Speaker | null;
}

/** After this time, a consultation that is planned to be cut short gets no new utterances. */
const CONSULTATION_LIMIT_MS = 107_000;
/** The maximum duration of the demo's agents, for plans in which a call reaches it. */
const MAX_CALL_MS = 120_000;
const SILENCE_MS = 8_000;

/** Plays an assistant's dialogue: a greeting, the turns and the planned ending. */
export function playDialogue(call: AnsweredCall): void {
  const { timeline, dialogue, plan } = call;
  greet(call);
  const cut = cutFor(call);
  let agent = call.agentSpeaker;
  let isInterruptionDue = plan.interrupted ?? false;
  for (const [index, turn] of dialogue.turns.entries()) {
    if (index === cut) {
      const successor = endEarly(call, agent);
      if (!successor) return;
      agent = successor;
    }
    if (turn.kind === 'tool') {
      timeline.useTool(agent.id, turn.call);
      continue;
    }
    if (turn.party === 'client') {
      timeline.wait(350, 1_100);
      timeline.say(call.clientSpeaker, turn.text);
      continue;
    }
    timeline.wait(dialogue.turns[index - 1]?.kind === 'tool' ? 300 : 600, 1_200);
    const next = dialogue.turns[index + 1];
    const following = next?.kind === 'speech' && next.party === 'client' ? next : undefined;
    if (isInterruptionDue && index > 1 && following) {
      if (timeline.sayUntilInterrupted(agent, turn.text)) {
        isInterruptionDue = false;
        // Spoken here without a pause; the loop would pause first.
        timeline.say(call.clientSpeaker, following.text);
        dialogue.turns.splice(index + 1, 1);
        continue;
      }
    }
    timeline.say(agent, turn.text);
  }
  endWhole(call);
}

/** Plays a consultation with the overlaps and gaps of the recorded original. */
export function playConsultation(call: AnsweredCall): void {
  const { timeline, dialogue, plan } = call;
  const played: {
    realStart: number;
    realEnd: number;
    party: string;
    start: number;
    end: number;
  }[] = [];
  const isCutShort = plan.ending !== 'Normal';
  for (const turn of dialogue.turns) {
    if (turn.kind !== 'speech') continue;
    if (isCutShort && timeline.cursorMs > CONSULTATION_LIMIT_MS) break;
    const realStart = startOf(turn);
    const realEnd = turn.endMs ?? realStart;
    // Overlapping speech begins at the same share of the other utterance, else after the same gap.
    const other = played.findLast(
      (one) => one.party !== turn.party && one.realStart <= realStart && realStart < one.realEnd,
    );
    const lastRealEnd = Math.max(0, ...played.map((one) => one.realEnd));
    const start = other
      ? other.start +
        Math.round(
          ((realStart - other.realStart) / (other.realEnd - other.realStart)) *
            (other.end - other.start),
        )
      : timeline.cursorMs + Math.max(0, Math.min(900, realStart - lastRealEnd));
    const speaker = turn.party === 'client' ? call.clientSpeaker : call.agentSpeaker;
    const { startMs, endMs } = timeline.say(speaker, turn.text, start);
    played.push({ realStart, realEnd, party: turn.party, start: startMs, end: endMs });
  }
  if (isCutShort) endEarly(call, call.agentSpeaker);
  else endWhole(call);
}

function greet(call: AnsweredCall): void {
  const { name } = call.agent;
  const greetings = {
    Inbound: `Thank you for calling ${COMPANY}, this is ${name}. How can I help?`,
    Outbound: `Hello, this is ${name} at ${COMPANY}. I am calling you back. What can I do for you?`,
    Web: `Hello, this is ${name} from ${COMPANY}. What can I do for you?`,
  };
  call.timeline.say(call.agentSpeaker, greetings[call.plan.initiation]);
}

/** The turn before which the planned ending begins; -1 to play all turns. */
function cutFor(call: AnsweredCall): number {
  const { ending } = call.plan;
  const { turns } = call.dialogue;
  if (ending === 'Normal' || ending === 'AgentEndedCall') return -1;
  const share = isLive(ending) ? 0.85 : call.random.between(45, 65) / 100;
  const from = Math.floor(turns.length * share);
  // A silence, a hang-up or a cut happens at the client's turn, and a transfer too, but only
  // after the client has spoken.
  return ending === 'Transferred' ? afterClient(turns, from) : afterAgent(turns, from);
}

function afterAgent(turns: Turn[], from: number): number {
  return turns.findIndex((turn, index) => {
    const previous = turns[index - 1];
    const isClient = turn.kind === 'speech' && turn.party === 'client';
    return index >= from && isClient && previous?.kind === 'speech' && previous.party === 'agent';
  });
}

function afterClient(turns: Turn[], from: number): number {
  return turns.findIndex((_, index) => {
    const previous = turns[index - 1];
    return index >= from && previous?.kind === 'speech' && previous.party === 'client';
  });
}

function endWhole(call: AnsweredCall): void {
  call.timeline.wait(500, 1_400);
  if (call.plan.ending === 'AgentEndedCall') call.end(null, 'agent_goodbye', 'Hangup');
  else call.end('Hangup', null);
}

/** Plays the planned ending. Returns the agent who continues, if there is one. */
function endEarly(call: AnsweredCall, agent: Speaker): Speaker | null {
  const { timeline, plan, clientSpeaker } = call;
  switch (plan.ending) {
    case 'Transferred': {
      timeline.wait(600, 1_000);
      timeline.say(agent, 'One moment, please. I will put you through to a colleague.');
      timeline.wait(300, 600);
      const colleague = call.transfer();
      if (colleague) {
        timeline.say(
          colleague,
          'Hello, this is Callum. I can see what you asked for, so let us carry on.',
        );
      }
      return colleague;
    }
    case 'UserEndedCall':
      timeline.wait(400, 900);
      timeline.say(clientSpeaker, call.random.pick(GOODBYES));
      timeline.wait(250, 600);
      call.end('Hangup', 'client_hangup');
      return null;
    case 'UserSilenceTimeoutReached':
      waitForClient(call, 'Are you still there?', agent);
      waitForClient(call, 'I can not hear you, so I will end the call here. Goodbye.', agent);
      timeline.wait(400, 700);
      call.end(null, 'silence_timeout', 'Timeout');
      return null;
    case 'MaxConversationDurationReached':
      timeline.waitUntil(MAX_CALL_MS);
      timeline.log('Warning', 'session', 'The longest allowed duration is reached', {
        DurationMs: timeline.cursorMs,
      });
      call.end(null, 'max_duration', 'Timeout');
      return null;
    case 'MidSessionFailure':
      timeline.wait(300, 900);
      timeline.log('Warning', 'speech', 'No answer from the speech service, trying again');
      timeline.wait(1_500, 2_500);
      timeline.log('Error', 'speech', 'Connection to the speech service lost', { Code: 1006 });
      call.end('Error', 'speech_service_lost', 'Error');
      return null;
    case 'Paused':
      timeline.wait(700, 1_200);
      timeline.say(agent, 'May I put you on hold for a moment?');
      timeline.wait(500, 800);
      timeline.say(clientSpeaker, 'Yes, sure.');
      timeline.wait(400, 800);
      timeline.log('Info', 'session', 'Client is on hold');
      timeline.wait(45_000, 90_000);
      return null;
    default:
      timeline.wait(700, 2_500);
      return null;
  }
}

const GOODBYES = [
  'Sorry, I have to go now. I will call back later.',
  'Someone is at the door, I will call again. Bye.',
  'I need to think about it first. Thank you, bye.',
];

function waitForClient(call: AnsweredCall, text: string, agent: Speaker): void {
  const { timeline } = call;
  timeline.wait(SILENCE_MS);
  timeline.log('Warning', 'speech', 'No speech from the client', { SilenceMs: SILENCE_MS });
  timeline.wait(200, 400);
  timeline.say(agent, text);
}
