import { DeleteObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { type Bucket, isNotImplemented, SHORT_TIMEOUT } from './s3-bucket.ts';

/** With versioning, a plain deletion would only hide objects. */
export function openRemover({ client, name, prefix }: Bucket): (key: string) => Promise<void> {
  let knowsVersions = true;

  const listVersions = async (Key: string) => {
    try {
      return await client.send(
        new ListObjectVersionsCommand({ Bucket: name, Prefix: Key }),
        SHORT_TIMEOUT,
      );
    } catch (error) {
      if (!isNotImplemented(error)) throw error;
      knowsVersions = false;
      return null;
    }
  };
  const removeVersions = async (Key: string) => {
    for (;;) {
      const page = await listVersions(Key);
      if (page === null) return false;
      const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
      // The prefix also matches longer keys.
      const ours = all.filter((version) => version.Key === Key);
      for (const { VersionId } of ours) {
        await client.send(new DeleteObjectCommand({ Bucket: name, Key, VersionId }), SHORT_TIMEOUT);
      }
      // Starts over, because the end of the page no longer exists.
      if (!page.IsTruncated || ours.length === 0) return true;
    }
  };

  return async (key) => {
    const Key = prefix + key;
    if (knowsVersions && (await removeVersions(Key))) return;
    await client.send(new DeleteObjectCommand({ Bucket: name, Key }), SHORT_TIMEOUT);
  };
}
