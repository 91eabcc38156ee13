import { Counter, type Registry } from 'prom-client';

export interface ConversationMetrics {
  readonly eventsAppended: Counter;
}

export const conversationMetrics = (registry: Registry): ConversationMetrics => ({
  eventsAppended: new Counter({
    name: 'colloquy_events_appended_total',
    help: 'Conversation events stored, duplicates not counted',
    registers: [registry],
  }),
});
