import type { InputOf } from '@colloquy/sdk';

export const START = '2026-01-15T14:30:00Z';
/** Seconds after `START`. */
export const after = (seconds: number) =>
  new Date(Date.parse(START) + seconds * 1000).toISOString();

/** Two messages from `START`. */
export function inArabic(businessId: number): InputOf<'PutConversation'> {
  return {
    businessId,
    sessionId: 'session_arabic',
    Status: 'Completed',
    StartTime: START,
    EndTime: after(60),
    EndType: 'Normal',
    InitiationType: 'Inbound',
    Clients: [{ ClientId: 'c', ClientType: 'Phone', JoinedAt: START, Name: 'ليلى حداد' }],
    Agents: [{ AgentId: 'a', AgentType: 'AI', JoinedAt: START, Name: 'نورا' }],
    Messages: [
      { SenderId: 'a', Role: 'Agent', Content: 'مرحبا، كيف يمكنني مساعدتك؟', Timestamp: after(2) },
      {
        SenderId: 'c',
        Role: 'User',
        Content: 'أريد حجز طاولة لشخصين (2) عند 19:30.',
        Timestamp: after(6),
      },
    ],
    Logs: [],
    Metadata: { المدينة: 'دبي' },
  };
}

/** 5,000 messages. */
export function long(businessId: number): InputOf<'PutConversation'> {
  const texts = Array.from({ length: 5_000 }, (_, index) => ({
    SenderId: index % 2 === 0 ? 'a' : 'c',
    Role: index % 2 === 0 ? ('Agent' as const) : ('User' as const),
    Content:
      `This is message number ${index + 1}. ${'It goes on for a while. '.repeat(index % 7)}`.trim(),
    Timestamp: after(index),
  }));
  return {
    ...inArabic(businessId),
    sessionId: 'session_long',
    EndTime: after(5_000),
    Messages: texts,
  };
}
