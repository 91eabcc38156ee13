import type { Handlers } from '../access/authorization/call.ts';
import type { Context } from '../context.ts';
import { decodeCursor, encodeCursor } from '../kernel/cursor.ts';
import { VERIFY_FROM_START, type VerifyPosition, verifyRecordings } from './storage/verify.ts';

export function recordingHandlers(ctx: Context): Handlers<'VerifyRecordings'> {
  return {
    async VerifyRecordings({ scope, body, signal }) {
      const audience = `VerifyRecordings\n${scope.businessId}`;
      const from =
        body.NextCursor == null
          ? VERIFY_FROM_START
          : decodeCursor<VerifyPosition>(ctx.secrets, audience, body.NextCursor);
      const { checked, bytes, problems, next } = await verifyRecordings(ctx, scope, from, signal);
      return {
        data: {
          Checked: checked,
          Bytes: bytes,
          Problems: problems.map((one) => ({
            SessionId: one.conversationId,
            ParticipantId: one.participantId,
            Problem: one.problem,
            BlobKey: one.blobKey,
            Bytes: one.bytes,
          })),
          NextCursor: next === null ? null : encodeCursor(ctx.secrets, audience, next),
        },
      };
    },
  };
}
