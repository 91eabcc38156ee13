import { SERVICES } from './demo-people.ts';
import type { CallPlan } from './demo-plan.ts';
import { DataSetError, type Dialogue, type Turn } from './dialogue.ts';
import { readPrimock57, withoutInaudible } from './primock57.ts';
import { readSgd } from './sgd.ts';
import { readTaskmaster } from './taskmaster.ts';

const MIN_TURNS = 8;
const MAX_WORDS = { sgd: 165, taskmaster4: 90 };
/** In these dialogues the assistant speaks like a client. */
const LEFT_OUT = ['train/16_00025'];
/** Phone numbers of real shops in the data sets, which the demo must not contain. */
const TELEPHONE = /\d{3}[-. ]\d{3,4}|phone number/i;
/** Text without characters that a voice cannot read aloud. */
const SPEAKABLE = /^[A-Z0-9][\w\s.,?!'’$%:&;()-]+$/;

/** The dialogues that suit a short phone call, by data set, in the order of their use. */
export class DemoDialogues {
  readonly #queues: Record<CallPlan['source'], Dialogue[]>;

  private constructor(queues: Record<CallPlan['source'], Dialogue[]>) {
    this.#queues = queues;
  }

  static async read(dataFolder: string): Promise<DemoDialogues> {
    const sgd = await collect(readSgd(dataFolder), isShortCall);
    return new DemoDialogues({
      sgd: takeTurns(sgd),
      taskmaster4: await collect(readTaskmaster(dataFolder), isShortOrder),
      primock57: await collect(readPrimock57(dataFolder), () => true),
    });
  }

  take(plan: CallPlan): Dialogue {
    const queue = this.#queues[plan.source];
    const { upstreamId } = plan;
    const index = upstreamId ? queue.findIndex((one) => one.upstreamId === upstreamId) : 0;
    const [dialogue] = queue.splice(index, 1);
    if (!dialogue) {
      throw new DataSetError(`The data folder has too few suitable dialogues of ${plan.source}.`);
    }
    return { ...dialogue, turns: dialogue.turns.flatMap(prepare) };
  }
}

export function serviceOf(dialogue: Dialogue): string {
  const services = dialogue.metadata.Services;
  return Array.isArray(services) ? String(services[0]) : '';
}

async function collect(
  dialogues: AsyncGenerator<Dialogue>,
  suits: (dialogue: Dialogue) => boolean,
): Promise<Dialogue[]> {
  const found: Dialogue[] = [];
  for await (const dialogue of dialogues) if (suits(dialogue)) found.push(dialogue);
  return found;
}

/** Takes one dialogue of each service before a second one, which shows all services. */
function takeTurns(dialogues: Dialogue[]): Dialogue[] {
  const queues = [...Map.groupBy(dialogues, serviceOf).values()];
  const ordered: Dialogue[] = [];
  for (let round = 0; ordered.length < dialogues.length; round += 1) {
    for (const queue of queues) {
      const dialogue = queue[round];
      if (dialogue) ordered.push(dialogue);
    }
  }
  return ordered;
}

function isShortCall(dialogue: Dialogue): boolean {
  const services = dialogue.metadata.Services;
  const isOneOfOurs =
    Array.isArray(services) && services.length === 1 && SERVICES.includes(serviceOf(dialogue));
  if (LEFT_OUT.includes(dialogue.upstreamId)) return false;
  return isOneOfOurs && suitsVoice(dialogue, MIN_TURNS, MAX_WORDS.sgd);
}

function isShortOrder(dialogue: Dialogue): boolean {
  const last = dialogue.turns.at(-1);
  const endsWithAgent = last?.kind === 'speech' && last.party === 'agent';
  return endsWithAgent && suitsVoice(dialogue, 4, MAX_WORDS.taskmaster4);
}

function suitsVoice(dialogue: Dialogue, leastTurns: number, mostWords: number): boolean {
  const texts = dialogue.turns.flatMap((turn) => (turn.kind === 'speech' ? [turn.text] : []));
  const words = texts.join(' ').split(/\s+/).length;
  return (
    texts.length >= leastTurns &&
    words <= mostWords &&
    texts.every((text) => SPEAKABLE.test(text) && !TELEPHONE.test(text))
  );
}

/** Removes unspeakable text, and the phone numbers of shops in tool results. */
function prepare(turn: Turn): Turn[] {
  if (turn.kind === 'tool') {
    return [{ kind: 'tool', call: { ...turn.call, Result: withoutNumbers(turn.call.Result) } }];
  }
  const text = withoutInaudible(turn.text);
  return text === '' ? [] : [{ ...turn, text }];
}

function withoutNumbers(result: unknown): unknown {
  if (!Array.isArray(result)) return result;
  return result.map((row: Record<string, unknown>) => {
    const { phone_number, ...rest } = row;
    return phone_number === undefined ? row : rest;
  });
}
