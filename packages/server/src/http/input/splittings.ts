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
  // biome-ignore lint/suspicious/noExplicitAny: what is known of the parts is between split and join
  readonly [N in keyof LargeParts]: Splitting<Call<N>['body'], any, LargeParts[N]>;
};

/** How large bodies of an operation are split; null if they are read whole. */
export function splittingOf(name: OpName): Splitting<unknown, unknown, unknown> | null {
  if (!(name in SPLITTINGS)) return null;
  return SPLITTINGS[name as keyof LargeParts] as Splitting<unknown, unknown, unknown>;
}
