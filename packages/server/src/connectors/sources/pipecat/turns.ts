import { entryOf, type Fields, textOf, type Warnings } from '../fields.ts';
import type { ReportedLog, ReportedMessage } from '../source.ts';
import { inTimeOrder } from '../time-order.ts';
import { TURN_FIELDS } from './known-fields.ts';
import { timeOf } from './times.ts';

type Role = 'User' | 'Agent' | 'System';

const ROLES: Readonly<Record<string, Role>> = {
  user: 'User',
  assistant: 'Agent',
  bot: 'Agent',
  system: 'System',
  developer: 'System',
};

/** By the time at which they began: a realtime model adds the words of the user late. */
export function readTurns(rows: readonly Fields[], warnings: Warnings) {
  const messages: ReportedMessage[] = [];
  const logs: ReportedLog[] = [];
  const userIds = new Set<string>();
  const turns = inTimeOrder(rows.map((turn) => ({ turn, at: timeOf(turn.timestamp) })));
  for (const { turn, at } of turns) {
    warnings.unknownFields('turns.', turn, TURN_FIELDS);
    const given = textOf(turn.role) ?? '';
    const role = entryOf(ROLES, given);
    if (!role) warnings.unknownValue('role', turn.role);
    const userId = textOf(turn.user_id);
    if (role === 'User' && userId !== null) userIds.add(userId);
    const wasInterrupted = turn.interrupted === true;
    const log = { level: 'Debug', at, source: 'pipecat' } as const;
    if (wasInterrupted) logs.push({ ...log, message: 'The agent was interrupted.' });
    const content = textOf(turn.content);
    if (content === null) {
      logs.push({ ...log, message: `A turn without text: ${role ?? 'unknown role'}` });
      continue;
    }
    messages.push({
      senderId: role === 'User' ? userId : null,
      role: role ?? 'System',
      content,
      at,
      ...(wasInterrupted && { wasInterrupted }),
    });
  }
  const earliest = turns.find(({ at }) => at !== null)?.at ?? null;
  return { messages, logs, userIds: [...userIds], earliest };
}
