import type { Scope } from '../../access/authorization/scope.ts';
import type { Wake } from '../../kernel/postgres/notifier.ts';
import type { Direction } from '../calls/call.ts';

/** What is told of where a queue has changed. */
export const topicOf = ({ businessId }: Pick<Scope, 'businessId'>, direction: Direction) =>
  `${direction} calls ${businessId}`;

/** Workers that wait for calls of a queue look again: something may be due now. */
export function tellWorkers(
  { wake }: { readonly wake: Wake },
  scope: Scope,
  direction: Direction,
): void {
  wake.tell(topicOf(scope, direction));
}
