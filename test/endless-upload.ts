import { pino } from 'pino';
import { openS3Blobs } from '../packages/server/src/base/blobs-s3.ts';

/** Uploads to the bucket of the first argument for as long as it lives. */
const [settings = '', key = ''] = process.argv.slice(2);
const clock = { now: () => Date.now() };
const blobs = await openS3Blobs(JSON.parse(settings), { clock, log: pino({ level: 'silent' }) });

async function* endless() {
  for (;;) {
    yield Buffer.alloc(1024 * 1024);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

await blobs.put(key, endless());
