import type { EventSink } from '../access/authorization/call.ts';
import { type Scope, systemScope } from '../access/authorization/scope.ts';
import { findChanges } from '../changes/log-store.ts';
import { expandRows, Histories } from './expand.ts';
import type { Follower } from './follower.ts';
import type { HistoryContext } from './history.ts';
import { factsOf, NO_FACTS } from './hub.ts';
import { type Cursor, isAfter, type Place } from './place.ts';
import { type Sender, sendInParts } from './sender.ts';

const ROWS_AT_ONCE = 200;

interface Backlog {
  readonly follower: Follower;
  readonly sender: Sender;
  readonly sink: EventSink;
  readonly cursor: Cursor;
  /** Later changes come from the hub. */
  readonly until: number;
}

/** Sends what a business stream missed, and what was held back before. */
export async function readBacklog(
  ctx: HistoryContext,
  scope: Scope,
  { follower, sender, sink, cursor, until }: Backlog,
): Promise<void> {
  const histories = new Histories(ctx, systemScope(scope.businessId));
  const send = async (after: number, limit: number, isWanted: (place: Place) => boolean) => {
    const rows = (await findChanges(ctx.db, scope, after, limit)).filter(
      ({ position }) => position <= until,
    );
    const items = (await expandRows(ctx, scope, rows, histories)).filter(({ place }) =>
      isWanted(place),
    );
    const facts = follower.needsFacts ? await factsOf(ctx, scope, items) : NO_FACTS;
    await sendInParts(sink, sender, follower.chosen(items, facts));
    return rows.at(-1)?.position ?? null;
  };
  const { place, held } = cursor;
  for (const one of held) {
    const isIt = (other: Place) => !isAfter(other, one) && !isAfter(one, other);
    await send(one.position - 1, 1, isIt);
  }
  // The row of the place may have events after it.
  let reached: number | null = place.position - (place.index === Number.POSITIVE_INFINITY ? 0 : 1);
  while (reached !== null && reached < until && sink.isOpen) {
    reached = await send(reached, ROWS_AT_ONCE, (other) => isAfter(other, place));
    if (reached !== null) sender.pass(reached);
  }
}
