import type { ConversationContext } from './conversations/handlers.ts';

/** Business 12345 with sample calls. */
export async function loadDemo(_ctx: ConversationContext): Promise<void> {}
