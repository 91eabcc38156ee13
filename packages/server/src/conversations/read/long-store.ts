import type { Scope } from '../../access/authorization/scope.ts';
import type { Database, Db } from '../../kernel/postgres/database.ts';
import { rowsInSteps, steppedQuery } from '../../kernel/postgres/rows-in-steps.ts';
import type { StoredText } from '../../kernel/threads/text-bytes.ts';
import { type AdmitLarge, findBySize, readRecordings, type StoredConversation } from '../store.ts';

/** V8 frees texts of this size without a full collection. */
const PIECE_BYTES = 64 * 1024;
const PIECES_PER_FETCH = 16;
const PARTS = ['head', 'recordings', 'messages', 'logs', 'hash', 'events'] as const;
type Part = (typeof PARTS)[number];

// The driver would decode a large value in one go and block other requests. A piece may end inside a
// character, so each byte is sent as a Latin 1 character. The nested loops keep the order.
const FIND = steppedQuery(
  'conversations',
  'long-conversation',
  `SELECT p.part, convert_from(substr(p.bytes, 1 + n * ${PIECE_BYTES}, ${PIECE_BYTES}), 'LATIN1') AS piece
   FROM (
     SELECT ${PARTS.map((part) => `convert_to(${part}, 'UTF8') AS ${part}`).join(', ')}
     FROM (
       SELECT c.head, c.recordings, c.messages, c.logs, encode(c.transcript_hash, 'hex') AS hash,
         CASE WHEN c.messages IS NULL THEN (
           SELECT string_agg(e.payloads, E'\\x01' ORDER BY e.seq) FROM conversation_events e
           WHERE e.business_id = $1 AND e.conversation_id = $2
         ) END AS events
       FROM conversations c
       WHERE c.business_id = $1 AND c.id = $2
     ) texts
     OFFSET 0
   ) c
   CROSS JOIN LATERAL (VALUES ${PARTS.map((part) => `('${part}', c.${part})`).join(', ')}) p(part, bytes)
   CROSS JOIN LATERAL generate_series(0, (octet_length(p.bytes) - 1) / ${PIECE_BYTES}) n`,
  PIECES_PER_FETCH,
);

interface PieceRow {
  readonly part: Part;
  readonly piece: string;
}

export function findToRead(
  db: Db & Pick<Database, 'patient'>,
  scope: Scope,
  id: string,
  admitLarge: AdmitLarge,
): Promise<StoredConversation<StoredText> | null> {
  return findBySize(db, scope, id, async (bytes) => {
    await admitLarge(bytes);
    return readParts(await db.patient.transaction((tx) => fetchParts(tx, scope.businessId, id)));
  });
}

type Parts = ReadonlyMap<Part, Uint8Array[]>;

async function fetchParts(tx: Db, businessId: number, id: string): Promise<Parts> {
  const parts = new Map<Part, Uint8Array[]>();
  for await (const rows of rowsInSteps<PieceRow>(tx, FIND, [businessId, id])) {
    for (const part of PARTS) {
      const found = rows.filter((row) => row.part === part);
      if (found.length > 0) parts.set(part, [...(parts.get(part) ?? []), joined(found)]);
    }
  }
  return parts;
}

function joined(rows: readonly PieceRow[]): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(rows.reduce((sum, { piece }) => sum + piece.length, 0));
  let written = 0;
  for (const { piece } of rows) written += bytes.write(piece, written, 'latin1');
  return bytes;
}

function readParts(parts: Parts): StoredConversation<Uint8Array[]> | null {
  if (parts.size === 0) return null;
  const textOf = (part: Part) => Buffer.concat(parts.get(part) ?? []).toString();
  const head = textOf('head');
  if (head === '') return { kind: 'erased' };
  const recordings = readRecordings(textOf('recordings') || null);
  const messages = parts.get('messages');
  const logs = parts.get('logs');
  if (messages && logs) {
    const transcriptHash = textOf('hash') || null;
    return { kind: 'sealed', head, recordings, messages, logs, transcriptHash };
  }
  return { kind: 'live', head, recordings, events: parts.get('events') ?? [] };
}
