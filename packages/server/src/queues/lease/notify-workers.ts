import type { Scope } from '../../access/authorization/scope.ts';
import type { Notifier } from '../../kernel/postgres/notifier.ts';
import type { Direction } from '../calls/call.ts';

/** What is told of where a queue has changed. */
export const topicOf = ({ businessId }: Pick<Scope, 'businessId'>, direction: Direction) =>
  `${direction} calls ${businessId}`;

/** Workers that wait for calls of a queue look again: something may be due now. */
export function notifyWorkers(
  { notifier }: { readonly notifier: Notifier },
  scope: Scope,
  direction: Direction,
): void {
  notifier.publish(topicOf(scope, direction));
}
