import { setImmediate } from 'node:timers/promises';
import type { Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { restAfter } from '../../kernel/jobs/rest.ts';
import type { Tx } from '../../kernel/postgres/database.ts';
import type { Direction } from '../calls/call.ts';
import type { Enqueued } from '../enqueue/request.ts';
import {
  type CallTextsChange,
  findTexts,
  replaceCallTexts,
  replaceDecisionTexts,
  type TextBatch,
} from './call-texts-store.ts';
import {
  findCallers,
  nextAnswer,
  type ReplacedCaller,
  replaceAnswer,
  replaceCallers,
} from './mention-store.ts';

type ReplaceContext = Pick<Context, 'db' | 'metrics'>;

export interface NumberEraser {
  /** Digits that every text with the number contains. */
  readonly digits: string;
  readonly inCaller: (text: string) => string;
  readonly inText: (text: string) => string;
  /** Returns the same text if it does not contain the number. */
  readonly inJson: (json: string) => string;
  /** Called with the ids of changed calls in the transaction of the change. */
  readonly note: (tx: Tx, ids: readonly string[]) => Promise<void>;
}

/** Replaces a number in calls that are not erased. Can be repeated after a kill. */
export async function eraseInCallers(
  { db, metrics }: ReplaceContext,
  scope: Scope,
  { digits, inCaller, note }: NumberEraser,
): Promise<void> {
  for (let after = ''; ; ) {
    const begun = performance.now();
    const { last, callers } = await findCallers(db, scope, after, digits);
    if (last === null) return;
    const changed = callers
      .map((caller): ReplacedCaller => ({ ...caller, replaced: inCaller(caller.number) }))
      .filter(({ number, replaced }) => replaced !== number);
    if (changed.length > 0) {
      await db.transaction(async (tx) => note(tx, await replaceCallers(tx, scope, changed)));
    }
    after = last;
    await restAfter(metrics, performance.now() - begun);
  }
}

/** Like `eraseInCallers`. */
export async function eraseInCalls(
  { db, metrics }: ReplaceContext,
  scope: Scope,
  direction: Direction,
  eraser: NumberEraser,
): Promise<void> {
  for (let after = ''; ; ) {
    const begun = performance.now();
    const batch = await findTexts(db, scope, direction, after);
    if (batch.last === null) return;
    const { calls, decisions } = await replaceTexts(batch, eraser);
    if (calls.length + decisions.length > 0) {
      await db.transaction(async (tx) => {
        for (const change of calls) await replaceCallTexts(tx, scope, direction, change);
        for (const decision of decisions) {
          await replaceDecisionTexts(tx, scope, direction, decision);
        }
        const changed = [...calls.map(({ before }) => before.id), ...decisions.map(({ id }) => id)];
        await eraser.note(tx, [...new Set(changed)]);
      });
    }
    after = batch.last;
    await restAfter(metrics, performance.now() - begun);
  }
}

async function replaceTexts({ calls, decisions }: TextBatch, { inText, inJson }: NumberEraser) {
  const changedCalls: CallTextsChange[] = [];
  for (const before of calls) {
    const { lastReason } = before;
    const after = {
      ...before,
      variables: inJson(before.variables),
      metadata: inJson(before.metadata),
      lastReason: lastReason && inText(lastReason),
    };
    if (JSON.stringify(after) !== JSON.stringify(before)) changedCalls.push({ before, after });
    await setImmediate();
  }
  const changed = decisions
    .map((before) => {
      const { reason, details } = before;
      const after = { ...before, reason: reason && inText(reason), details: inText(details) };
      return after.reason === reason && after.details === details ? null : after;
    })
    .filter((decision) => decision !== null);
  return { calls: changedCalls, decisions: changed };
}

const MESSAGES_PER_TURN = 100;

export async function eraseInAnswers(
  { db, metrics }: ReplaceContext,
  scope: Scope,
  { inText }: NumberEraser,
): Promise<void> {
  for (let after = ''; ; ) {
    const begun = performance.now();
    const kept = await nextAnswer(db, scope, after);
    if (!kept) return;
    after = kept.key;
    const answer = JSON.parse(kept.answer) as Enqueued;
    const rejected: Enqueued['rejected'][number][] = [];
    for (const [at, one] of answer.rejected.entries()) {
      rejected.push({ ...one, message: inText(one.message) });
      if (at % MESSAGES_PER_TURN === 0) await setImmediate();
    }
    const replaced = JSON.stringify({ ...answer, rejected } satisfies Enqueued);
    if (replaced !== kept.answer) await replaceAnswer(db, scope, kept, replaced);
    await restAfter(metrics, performance.now() - begun);
  }
}
