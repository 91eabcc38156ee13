import type { Client } from '@colloquy/sdk';
import type pg from 'pg';

const MESSAGES = 30;
const START = Date.parse('2025-06-01T09:00:00Z');
const SAID = [
  'Good morning, thank you for calling. This is the reception, how may I help you today?',
  'Hi, I would like to move the appointment that I have next Tuesday to some later day.',
  'Of course. May I have your name and the phone number under which you made the booking?',
  'Yes, it is Jordan Miller, and the number should be the same that I am calling from now.',
  'I have found it. There is room on Wednesday at ten or on Friday at half past three.',
] as const;

export const longId = (number: number) => `call_${String(number).padStart(6, '0')}`;

/** A body of PutConversation: a finished call of 30 messages, about 6.5 KB with its two URLs. */
export function longConversation(number: number): Record<string, unknown> {
  const at = (seconds: number) =>
    new Date(START + number * 60_000 + seconds * 1000).toISOString().replace('.000Z', 'Z');
  const presence = { JoinedAt: at(0), LeftAt: at(200), LeaveReason: null };
  return {
    QueueId: `queue_${number}`,
    Status: 'Completed',
    StartTime: at(0),
    EndTime: at(200),
    EndType: 'Normal',
    Clients: [{ ClientId: 'caller', ClientType: 'Phone', ...presence, LeaveReason: 'Hangup' }],
    Agents: [{ AgentId: 'agent_reception', AgentType: 'AI', ...presence }],
    Messages: Array.from({ length: MESSAGES }, (_, index) => ({
      SenderId: index % 2 === 0 ? 'agent_reception' : 'caller',
      Role: index % 2 === 0 ? 'Agent' : 'User',
      Content: `${SAID[(index + number) % SAID.length]}`,
      Timestamp: at(index * 6 + 1),
    })),
    Logs: [
      { Level: 'Info', Message: 'Call connected', Timestamp: at(0) },
      { Level: 'Info', Message: 'Call ended by the caller', Timestamp: at(200) },
    ],
    InitiationType: 'Inbound',
    Metadata: { campaign: 'spring', number },
  };
}

// Nothing fetches the bytes of the recordings, so the blobs do not exist.
const RECORD = `WITH r AS (
    SELECT c.id, p AS participant_id, $1 || '/' || md5(c.id || p) AS blob_key
    FROM conversations c, unnest(ARRAY['agent_reception', 'caller']) AS p
    WHERE c.business_id = $1::bigint
  ), stored AS (
    INSERT INTO recordings (business_id, conversation_id, participant_id, blob_key, content_type,
      bytes, sha256, duration_ms, uploaded_at)
    SELECT $1::bigint, id, participant_id, blob_key, 'audio/wav', 3200044, sha256('x'), 200000, now()
    FROM r
  )
  UPDATE conversations c SET recordings = copies.text FROM (
    SELECT id, json_agg(json_build_object('participantId', participant_id, 'blobKey', blob_key,
      'contentType', 'audio/wav', 'bytes', 3200044, 'durationSeconds', 200)
      ORDER BY participant_id)::text AS text
    FROM r GROUP BY id
  ) copies WHERE c.business_id = $1::bigint AND c.id = copies.id`;

/** Writes long conversations with the API and adds two recordings to each. */
export async function loadLongConversations(
  api: Client,
  sql: pg.Pool,
  businessId: number,
  count: number,
): Promise<void> {
  await putLongConversations(api, businessId, count);
  await sql.query(RECORD, [String(businessId)]);
}

export async function putLongConversations(
  api: Client,
  businessId: number,
  count: number,
): Promise<void> {
  let next = 1;
  const put = async () => {
    while (next <= count) {
      const number = next++;
      const input = { businessId, sessionId: longId(number), ...longConversation(number) };
      await api.putConversation(input as Parameters<Client['putConversation']>[0]);
    }
  };
  await Promise.all(Array.from({ length: 8 }, put));
}
