import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { openUrlSigner } from '../packages/server/src/blobs/s3-presign.ts';
import { compareInRounds, type Measured, medianOf, summarize } from './measured.ts';
import type { BenchSetup } from './setup.ts';
import type { Result } from './table.ts';

const URLS = 100;
const REGION = 'eu-central-1';
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' };
const CONTENT_TYPE = 'audio/wav';
const SECONDS = 1800;

/** Presigning a page of 100 recordings in a bucket, without a server. */
export async function measurePresigning({ options, say }: BenchSetup): Promise<Result[]> {
  const pages = options.quick ? 20 : 100;
  say(`presigning: ${pages} pages of ${URLS} URLs`);
  const sign = openUrlSigner(new URL(`https://recordings.s3.${REGION}.amazonaws.com/`), REGION);
  const client = new S3Client({ region: REGION, credentials: CREDENTIALS });
  const pathOf = (index: number) => `7/${index.toString(16).padStart(32, '0')}`;
  const signPage = async () => {
    const now = Date.now();
    for (let index = 0; index < URLS; index += 1) {
      const request = { path: pathOf(index), now, seconds: SECONDS, contentType: CONTENT_TYPE };
      sign(CREDENTIALS, request);
    }
  };
  const signPageBySdk = async () => {
    for (let index = 0; index < URLS; index += 1) {
      const command = new GetObjectCommand({
        Bucket: 'recordings',
        Key: pathOf(index),
        ResponseContentType: CONTENT_TYPE,
        ResponseContentDisposition: 'inline',
      });
      await getSignedUrl(client, command, { expiresIn: SECONDS });
    }
  };
  const compared = await compareInRounds(
    options.quick ? 3 : 5,
    () => timePages(pages, signPage),
    () => timePages(pages, signPageBySdk),
  );
  const [ours, theirs] = [medianOf(compared.ours, 'p50'), medianOf(compared.theirs, 'p50')];
  return [
    {
      work: `Pre-signed URLs of ${URLS} recordings in a bucket`,
      comparedWith: 'the presigner of the AWS SDK',
      measured: `p50 ${ours.toFixed(2)} : ${theirs.toFixed(2)} ms`,
      ratio: ours,
      limit: { atMost: 5 },
      unit: 'ms',
    },
  ];
}

async function timePages(pages: number, signPage: () => Promise<void>): Promise<Measured> {
  const times: number[] = [];
  const begin = performance.now();
  for (let page = 0; page < pages; page += 1) {
    const began = performance.now();
    await signPage();
    times.push(performance.now() - began);
  }
  return summarize(times, (performance.now() - begin) / 1000);
}
