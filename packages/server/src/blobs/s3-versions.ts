import { DeleteObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { type Bucket, isNotImplemented, SOON } from './s3-bucket.ts';

/** A version of an object, or a mark that it was deleted. */
interface Version {
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
}

/**
 * Removes objects so that nothing is left of them: where the bucket has versioning, or had it once,
 * deleting alone would only hide what is there.
 */
export function openRemover({ client, name, prefix }: Bucket): (key: string) => Promise<void> {
  let knowsVersions = true;

  const listVersions = async (Key: string) => {
    try {
      return await client.send(new ListObjectVersionsCommand({ Bucket: name, Prefix: Key }), SOON);
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
      const all: Version[] = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
      // The prefix of longer keys too, which stand behind.
      const ours = all.filter((version) => version.Key === Key);
      for (const { VersionId } of ours) {
        await client.send(new DeleteObjectCommand({ Bucket: name, Key, VersionId }), SOON);
      }
      // From the start again, since what a page ends at is gone.
      if (!page.IsTruncated || ours.length === 0) return true;
    }
  };

  return async (key) => {
    const Key = prefix + key;
    if (knowsVersions && (await removeVersions(Key))) return;
    await client.send(new DeleteObjectCommand({ Bucket: name, Key }), SOON);
  };
}
