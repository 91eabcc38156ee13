import type { OpName } from '@colloquy/wire';
import type { Call, LargeParts } from '../../access/authorization/call.ts';
import { splitAppend, splitPut } from '../../conversations/write/large-bodies.ts';
import type { Splitting } from '../../kernel/json/split-body.ts';
import { splitInitiate } from '../../queues/enqueue/large-bodies.ts';

const SPLITTINGS = {
  PutConversation: splitPut,
  AppendConversationEvents: splitAppend,
  InitiateCall: splitInitiate,
} satisfies {
  // biome-ignore lint/suspicious/noExplicitAny: each operation has its own type of facts
  readonly [N in keyof LargeParts]: Splitting<Call<N>['body'], any, LargeParts[N]>;
};

export function splittingOf(name: OpName): Splitting<unknown, unknown, unknown> | null {
  if (!(name in SPLITTINGS)) return null;
  return SPLITTINGS[name as keyof LargeParts] as Splitting<unknown, unknown, unknown>;
}
