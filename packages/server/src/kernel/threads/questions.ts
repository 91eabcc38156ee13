import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';

/** What a thread needs to ask the thread that started it; the port has to be transferred. */
export interface QuestionChannel {
  readonly port: MessagePort;
  /** Counts the answers, so that the asking thread can sleep until there is one. */
  readonly answered: Int32Array<SharedArrayBuffer>;
}

/** The bytes are moved to the thread. */
export type Answer = Uint8Array<ArrayBuffer> | null;

export interface Answering extends Disposable {
  readonly channel: QuestionChannel;
  /** What the first answer threw that failed; undefined if none did. */
  readonly failure: unknown;
  /** Performance time at which the thread began what it does now; null while it waits for us. */
  readonly busySince: number | null;
}

interface AnswerMessage {
  readonly answer?: Answer;
}

/** Answers the questions that a thread asks with `askStarter`, one after the other. */
export function answerThread<Question>(answer: (question: Question) => Promise<Answer>): Answering {
  const { port1, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(4));
  let failure: unknown;
  let busySince: number | null = null;
  const reply = (message: AnswerMessage) => {
    port1.postMessage(message, message.answer ? [message.answer.buffer] : []);
    busySince = performance.now();
    Atomics.add(answered, 0, 1);
    Atomics.notify(answered, 0);
  };
  port1.on('message', (question: Question) => {
    busySince = null;
    answer(question).then(
      (given) => reply({ answer: given }),
      (error: unknown) => {
        failure ??= error;
        reply({});
      },
    );
  });
  return {
    channel: { port: port2, answered },
    get failure() {
      return failure;
    },
    get busySince() {
      return busySince;
    },
    [Symbol.dispose]: () => port1.close(),
  };
}

/** The thread that was asked could not answer; it knows why. */
export class UnansweredError extends Error {}

/** Sleeps until the starter of this thread has answered, so that plain loops can read from it. */
export function askStarter<Question>(
  { port, answered }: QuestionChannel,
  question: Question,
  transfer: readonly ArrayBuffer[] = [],
): Answer {
  const before = Atomics.load(answered, 0);
  port.postMessage(question, [...transfer]);
  Atomics.wait(answered, 0, before);
  const received = receiveMessageOnPort(port) as { message: AnswerMessage } | undefined;
  if (received?.message.answer === undefined) throw new UnansweredError('there is no answer');
  return received.message.answer;
}
