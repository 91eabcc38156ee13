import type { Scope } from '../../access/authorization/scope.ts';
import type { Notifier } from '../../kernel/postgres/notifier.ts';
import type { Direction } from '../calls/call.ts';

export const topicOf = ({ businessId }: Pick<Scope, 'businessId'>, direction: Direction) =>
  `${direction} calls ${businessId}`;

export function notifyWorkers(
  { notifier }: { readonly notifier: Notifier },
  scope: Scope,
  direction: Direction,
): void {
  notifier.publish(topicOf(scope, direction));
}
