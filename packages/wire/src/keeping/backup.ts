import Type from 'typebox';
import { ADDS, op } from '../op.ts';
import { maybe, strict } from '../types.ts';

export const createBackup = op({
  ...ADDS,
  name: 'CreateBackup',
  method: 'POST',
  path: '/admin/backup',
  tag: 'Administration',
  permission: 'admin',
  title: 'Create a backup',
  summary: 'Download a backup of everything',
  description: `The archive contains the database as it is at one moment and, if they are on the local disk, the recordings. The server continues to serve requests meanwhile.

\`colloquy backup\` writes the archive to a file and checks it; \`npm run restore\` makes a server from it. An interrupted backup has no end mark, and both refuse it. Each business gets a \`BackupTaken\` entry in its audit log. A second backup at the same time is a \`CONFLICT\`.`,
  body: strict({
    WithRecordings: maybe(
      Type.Boolean(),
      'Whether the archive contains the recordings; by default, only if they are on the local disk, not in a bucket',
    ),
  }),
  bodyOptional: true,
  bodyLimit: 1024,
  output: Type.Unsafe<ReadableStream<Uint8Array>>({ type: 'string', format: 'binary' }),
  download: 'application/x-tar',
  errors: ['CONFLICT'],
  examples: { body: {} },
  idempotent: true,
});
