import type { Db } from './database.ts';

export interface BatchOptions {
  readonly most: number;
  /** Statements of one business that run at a time; later requests wait and share the next. */
  readonly atOnce: number;
  /** After this time a statement may wait for a lock, and others no longer wait for it. */
  readonly patience?: number;
}

const DEFAULT_PATIENCE = 20;

/** Runs the statement for requests of one business; returns their answers in the same order. */
type RunBatch<Ask, Answer, Source extends Db> = (
  db: Source,
  businessId: number,
  asks: readonly Ask[],
) => Promise<readonly Answer[]>;

interface Request<Ask, Answer> {
  readonly ask: Ask;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface Queue<Ask, Answer, Source extends Db> {
  readonly db: Source;
  readonly businessId: number;
  readonly waiting: Request<Ask, Answer>[];
  running: number;
  lastSentAt: number;
  isDue: boolean;
  timer: NodeJS.Timeout | null;
}

// At the end of a turn, statements are sent first: the database works while answers are rendered.
const sends: (() => void)[] = [];
const answers: (() => void)[] = [];

function atEndOfTurn(list: (() => void)[], work: () => void): void {
  if (sends.length === 0 && answers.length === 0) setImmediate(endTurn);
  list.push(work);
}

function endTurn(): void {
  const works = [...sends.splice(0), ...answers.splice(0)];
  for (const work of works) work();
}

/**
 * Combines requests of one business, of the same turn or during running statements, into one
 * statement: halves the time of a read and of an append. If a statement fails, all its requests
 * fail.
 */
export function createBatcher<Ask, Answer, Source extends Db = Db>(
  options: BatchOptions,
  runBatch: RunBatch<Ask, Answer, Source>,
): (db: Source, businessId: number, ask: Ask) => Promise<Answer> {
  const batcher = new Batcher(options, runBatch);
  return (db, businessId, ask) =>
    new Promise((resolve, reject) => batcher.add(db, businessId, { ask, resolve, reject }));
}

class Batcher<Ask, Answer, Source extends Db> {
  readonly #maxRequests: number;
  readonly #maxRunning: number;
  readonly #patience: number;
  readonly #runBatch: RunBatch<Ask, Answer, Source>;
  readonly #queues = new WeakMap<Source, Map<number, Queue<Ask, Answer, Source>>>();

  constructor(
    { most, atOnce, patience = DEFAULT_PATIENCE }: BatchOptions,
    runBatch: RunBatch<Ask, Answer, Source>,
  ) {
    this.#maxRequests = most;
    this.#maxRunning = atOnce;
    this.#patience = patience;
    this.#runBatch = runBatch;
  }

  add(db: Source, businessId: number, request: Request<Ask, Answer>): void {
    const queue = this.#queueOf(db, businessId);
    queue.waiting.push(request);
    this.#sendOrWait(queue);
  }

  #queueOf(db: Source, businessId: number): Queue<Ask, Answer, Source> {
    const ofDb = this.#queues.get(db) ?? new Map<number, Queue<Ask, Answer, Source>>();
    this.#queues.set(db, ofDb);
    const queue = ofDb.get(businessId) ?? {
      db,
      businessId,
      waiting: [],
      running: 0,
      lastSentAt: 0,
      isDue: false,
      timer: null,
    };
    ofDb.set(businessId, queue);
    return queue;
  }

  #maySend({ running, lastSentAt }: Queue<Ask, Answer, Source>): boolean {
    return running < this.#maxRunning || performance.now() - lastSentAt > this.#patience;
  }

  #sendOrWait(queue: Queue<Ask, Answer, Source>): void {
    if (this.#maySend(queue)) this.#sendAtEndOfTurn(queue);
    else if (!queue.isDue && this.#patience !== Infinity) {
      queue.timer ??= setTimeout(() => {
        queue.timer = null;
        if (queue.waiting.length > 0) this.#sendOrWait(queue);
      }, this.#patience + 1);
    }
  }

  #sendAtEndOfTurn(queue: Queue<Ask, Answer, Source>): void {
    if (queue.isDue) return;
    queue.isDue = true;
    atEndOfTurn(sends, () => this.#send(queue));
  }

  #send(queue: Queue<Ask, Answer, Source>): void {
    queue.isDue = false;
    while (queue.waiting.length > 0 && this.#maySend(queue)) {
      const requests = queue.waiting.splice(0, this.#maxRequests);
      queue.running += 1;
      queue.lastSentAt = performance.now();
      this.#run(queue, requests).then((settle) => {
        queue.running -= 1;
        if (queue.waiting.length > 0) this.#sendAtEndOfTurn(queue);
        else if (queue.running === 0) this.#queues.get(queue.db)?.delete(queue.businessId);
        atEndOfTurn(answers, settle);
      });
    }
  }

  async #run(
    { db, businessId }: Queue<Ask, Answer, Source>,
    requests: readonly Request<Ask, Answer>[],
  ): Promise<() => void> {
    try {
      const asks = requests.map(({ ask }) => ask);
      const results = await this.#runBatch(db, businessId, asks);
      return () => {
        for (const [index, { resolve }] of requests.entries()) resolve(results[index] as Answer);
      };
    } catch (error) {
      return () => {
        for (const { reject } of requests) reject(error);
      };
    }
  }
}
