import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';

/** Lets a thread ask its starter. The port must be transferred. */
export interface QuestionChannel {
  readonly port: MessagePort;
  /** Counts answers, so the asking thread can sleep until the next one. */
  readonly answered: Int32Array<SharedArrayBuffer>;
}

export type Answer = Uint8Array<ArrayBuffer> | null;

export interface Answering extends Disposable {
  readonly channel: QuestionChannel;
  readonly failure: unknown;
  /** The performance time when the thread began to compute; null while it waits for an answer. */
  readonly busySince: number | null;
}

interface AnswerMessage {
  readonly answer?: Answer;
}

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

/** The other thread could not answer; it has the cause. */
export class UnansweredError extends Error {}

/** Blocks this thread until its starter has answered, so plain loops can read from it. */
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
