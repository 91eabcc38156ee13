import Type from 'typebox';
import { op } from '../op.ts';
import { maybe, strict } from '../types.ts';

export const createBackup = op({
  name: 'CreateBackup',
  method: 'POST',
  path: '/admin/backup',
  tag: 'Administration',
  permission: 'admin',
  summary: 'Take a backup of everything',
  description:
    'All of the database as it is in one instant, and the recordings where they lie on the local disk, as one archive, while everything goes on. `colloquy backup` writes it to a file and checks it; `npm run restore` makes a server of it again. One that breaks off has no end and is refused by both. Each business finds a `BackupTaken` in its audit log. A second backup at the same time is a `CONFLICT`.',
  params: Type.Object({}),
  query: Type.Object({}),
  body: strict({
    WithRecordings: maybe(
      Type.Boolean({
        description:
          'Whether recordings are in the archive: by default where they lie on the local disk, not where they lie in a bucket',
      }),
    ),
  }),
  bodyOptional: true,
  bodyLimit: 1024,
  output: Type.Unsafe<ReadableStream<Uint8Array>>({ type: 'string', format: 'binary' }),
  download: 'application/x-tar',
  statuses: [200],
  errors: ['CONFLICT'],
  examples: { body: {} },
  idempotent: true,
});
