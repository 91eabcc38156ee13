import type { House } from './house.ts';

/** The samples of a second of silence: a WAV file of 8,044 bytes. */
export function silence(seconds = 1): Uint8Array<ArrayBuffer> {
  const bytes = seconds * 8000;
  const file = Buffer.alloc(44 + bytes, 0x80);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + bytes, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(8000, 24);
  file.writeUInt32LE(8000, 28);
  file.writeUInt16LE(1, 32);
  file.writeUInt16LE(8, 34);
  file.write('data', 36);
  file.writeUInt32LE(bytes, 40);
  return file;
}

export const DAY = 86_400;

/** The tables in which a row of the business holds a text somewhere; jobs that are to be done aside. */
export async function whereIs(
  { sql }: Pick<House, 'sql'>,
  businessId: number,
  text: string,
): Promise<string[]> {
  const { rows: tables } = await sql.query<{ name: string }>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND column_name = 'business_id' ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rowCount } = await sql.query(
      `SELECT FROM ${name} t WHERE business_id = $1 AND strpos(to_jsonb(t)::text, $2) > 0 LIMIT 1`,
      [businessId, text],
    );
    if (rowCount) found.push(name);
  }
  return found;
}

/** Where finished conversations are put and looked at in a few words. */
export function callDesk(where: () => { house: House; businessId: number }) {
  const here = () => ({ businessId: where().businessId });
  const admin = () => where().house.admin;
  let calls = 0;
  return {
    /** The id of a conversation that ended so many days ago. */
    async finished(daysAgo: number, more: object = {}): Promise<string> {
      calls += 1;
      const sessionId = `call_${calls}`;
      const end = where().house.clock.now() - daysAgo * DAY * 1000;
      const iso = (instant: number) => new Date(instant).toISOString();
      await admin().putConversation({
        ...here(),
        sessionId,
        Status: 'Completed',
        StartTime: iso(end - 60_000),
        EndTime: iso(end),
        EndType: 'Normal',
        InitiationType: 'Inbound',
        Clients: [{ ClientId: 'client', ClientType: 'Phone', JoinedAt: iso(end - 60_000) }],
        Messages: [
          { SenderId: 'client', Role: 'User', Content: 'my secret', Timestamp: iso(end - 30_000) },
        ],
        Logs: [{ Level: 'Info', Message: 'connected', Timestamp: iso(end - 60_000) }],
        ...more,
      } as never);
      return sessionId;
    },
    record: (sessionId: string, participantId = 'client', seconds = 1, StartTime?: string) =>
      admin().putRecording({
        ...here(),
        sessionId,
        participantId,
        audio: silence(seconds),
        contentType: 'audio/wav',
        ...(StartTime !== undefined && { StartTime }),
      } as never),
    read: (sessionId: string) => admin().getConversation({ ...here(), sessionId }),
    /** The status with which a read is refused; 200 where it is not. */
    async statusOf(sessionId: string): Promise<number> {
      const asked = admin().getConversation({ ...here(), sessionId });
      return asked.then(
        () => 200,
        (error: { status: number }) => error.status,
      );
    },
  };
}
