import type { Handlers } from '../access/authorization/call.ts';
import { type BackupContext, takeBackup } from './take.ts';

export function backupHandlers(ctx: BackupContext): Handlers<'CreateBackup'> {
  return {
    async CreateBackup({ scope, body, signal }) {
      const withRecordings = body.WithRecordings ?? ctx.config.s3 === null;
      const bytes = await takeBackup(ctx, scope, withRecordings, signal);
      return { bytes, contentType: 'application/x-tar' };
    },
  };
}
