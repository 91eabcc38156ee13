import type { Db } from './database.ts';

export interface BatchOptions {
  /** How many asks share a statement. */
  readonly most: number;
  /** How many statements of one business are under way; what is asked meanwhile shares the next. */
  readonly atOnce: number;
  /**
   * Milliseconds after which a statement may be waiting for a lock, and others do not wait for it.
   * Infinite where they would wait for the same lock. 20 by default.
   */
  readonly patience?: number;
}

const PATIENCE = 20;

/** Answers each of what was asked of one business, in the same order. */
export type RunBatch<Ask, Answer> = (
  db: Db,
  businessId: number,
  asks: readonly Ask[],
) => Promise<readonly Answer[]>;

interface Asked<Ask, Answer> {
  readonly ask: Ask;
  readonly answered: (answer: Answer) => void;
  readonly failed: (error: unknown) => void;
}

/** What is asked of one business. */
interface Line<Ask, Answer> {
  readonly waiting: Asked<Ask, Answer>[];
  underWay: number;
  lastSentAt: number;
  isDue: boolean;
  /** Looks again where what is under way has not come back for long. */
  patience: NodeJS.Timeout | null;
}

// At the end of a turn, what is asked for goes out before answers are handed out: making those takes
// long, and the database is at work again meanwhile.
const sends: (() => void)[] = [];
const answers: (() => void)[] = [];

function inTurn(list: (() => void)[], work: () => void): void {
  if (sends.length === 0 && answers.length === 0) setImmediate(endTurn);
  list.push(work);
}

function endTurn(): void {
  const works = [...sends.splice(0), ...answers.splice(0)];
  for (const work of works) work();
}

/**
 * Lets what is asked for in one turn of the event loop, or while earlier statements are under way,
 * share a statement per business. With many requests at once, statements and what they cost on both
 * sides are most of the work: sharing them takes half of the time off a read of 7 KB and off an
 * append. Where a statement fails it fails for all that share it.
 */
export function createBatcher<Ask, Answer>(
  { most, atOnce, patience = PATIENCE }: BatchOptions,
  answerAll: RunBatch<Ask, Answer>,
): (db: Db, businessId: number, ask: Ask) => Promise<Answer> {
  const lines = new WeakMap<Db, Map<number, Line<Ask, Answer>>>();

  function lineOf(db: Db, businessId: number): Line<Ask, Answer> {
    const ofDb = lines.get(db) ?? new Map<number, Line<Ask, Answer>>();
    lines.set(db, ofDb);
    const line = ofDb.get(businessId) ?? {
      waiting: [],
      underWay: 0,
      lastSentAt: 0,
      isDue: false,
      patience: null,
    };
    ofDb.set(businessId, line);
    return line;
  }

  const mayGo = ({ underWay, lastSentAt }: Line<Ask, Answer>) =>
    underWay < atOnce || performance.now() - lastSentAt > patience;

  function send(db: Db, businessId: number, line: Line<Ask, Answer>): void {
    line.isDue = false;
    while (line.waiting.length > 0 && mayGo(line)) {
      const all = line.waiting.splice(0, most);
      line.underWay += 1;
      line.lastSentAt = performance.now();
      share(db, businessId, all).then((settle) => {
        line.underWay -= 1;
        if (line.waiting.length > 0) makeDue(db, businessId, line);
        else if (line.underWay === 0) lines.get(db)?.delete(businessId);
        inTurn(answers, settle);
      });
    }
  }

  function makeDue(db: Db, businessId: number, line: Line<Ask, Answer>): void {
    if (line.isDue) return;
    line.isDue = true;
    inTurn(sends, () => send(db, businessId, line));
  }

  /** Gives what hands out the answers; never rejects. */
  async function share(
    db: Db,
    businessId: number,
    all: readonly Asked<Ask, Answer>[],
  ): Promise<() => void> {
    const asks = all.map(({ ask }) => ask);
    try {
      const answers = await answerAll(db, businessId, asks);
      return () => {
        for (const [index, { answered }] of all.entries()) answered(answers[index] as Answer);
      };
    } catch (error) {
      return () => {
        for (const { failed } of all) failed(error);
      };
    }
  }

  function goOrWait(db: Db, businessId: number, line: Line<Ask, Answer>): void {
    if (mayGo(line)) makeDue(db, businessId, line);
    else if (!line.isDue) {
      if (patience === Infinity) return;
      line.patience ??= setTimeout(() => {
        line.patience = null;
        if (line.waiting.length > 0) goOrWait(db, businessId, line);
      }, patience + 1);
    }
  }

  return (db, businessId, ask) =>
    new Promise((answered, failed) => {
      const line = lineOf(db, businessId);
      line.waiting.push({ ask, answered, failed });
      goOrWait(db, businessId, line);
    });
}
