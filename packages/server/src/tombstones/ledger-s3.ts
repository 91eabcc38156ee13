import { randomUUID } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { bucketOf, SHORT_TIMEOUT } from '../blobs/s3-bucket.ts';
import type { S3Config } from '../config.ts';
import { type LedgerPlace, onLedger } from './ledger-place.ts';

/** Objects of some lines each, at `<prefix>ledger/<time>-<random>.jsonl`. */
export function s3Ledger(config: S3Config): LedgerPlace {
  const { client, name: Bucket, prefix } = bucketOf(config);
  // Not a valid blob key.
  const Prefix = `${prefix}ledger/`;
  const name = `s3://${Bucket}/${Prefix}`;
  return {
    name,
    kept: name,
    async append(Body) {
      const Key = `${Prefix}${new Date().toISOString().replaceAll(':', '')}-${randomUUID()}.jsonl`;
      const object = { Bucket, Key, Body, ContentType: 'application/x-ndjson' };
      await onLedger(client.send(new PutObjectCommand(object), SHORT_TIMEOUT));
    },
    async *lines() {
      let StartAfter: string | undefined;
      for (;;) {
        const page = await onLedger(
          client.send(new ListObjectsV2Command({ Bucket, Prefix, StartAfter }), SHORT_TIMEOUT),
        );
        const keys = page.Contents?.flatMap(({ Key }) => Key ?? []) ?? [];
        for (const Key of keys) {
          const { Body } = await onLedger(
            client.send(new GetObjectCommand({ Bucket, Key }), SHORT_TIMEOUT),
          );
          yield* ((await Body?.transformToString()) ?? '').split('\n');
        }
        StartAfter = keys.at(-1);
        if (!page.IsTruncated || StartAfter === undefined) return;
      }
    },
    close: async () => client.destroy(),
  };
}
