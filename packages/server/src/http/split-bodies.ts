import type { OpName } from '@colloquy/wire';
import type { LargeParts } from '../access/handler.ts';
import type { Splitting } from '../base/split-body.ts';
import { splitAppend, splitPut } from '../conversations/split-body.ts';
import { splitInitiate } from '../queues/split-body.ts';

const SPLITTINGS = {
  PutConversation: splitPut,
  AppendConversationEvents: splitAppend,
  InitiateCall: splitInitiate,
} satisfies Record<keyof LargeParts, unknown>;

/** How large bodies of an operation are split; null where they are read whole. */
export function splittingOf(name: OpName): Splitting<unknown, unknown, unknown> | null {
  if (!(name in SPLITTINGS)) return null;
  return SPLITTINGS[name as keyof LargeParts] as Splitting<unknown, unknown, unknown>;
}
