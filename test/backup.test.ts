import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { expect, test } from 'vitest';
import { openHouse } from './house.ts';

test('x', async () => {
  await using house = await openHouse();
  await house.newBusiness();
  const stream = await house.admin.createBackup({});
  const out = extract();
  Readable.fromWeb(stream as never).pipe(out);
  for await (const entry of out) {
    const chunks = [];
    for await (const c of entry) chunks.push(c);
    const b = Buffer.concat(chunks);
    console.log(entry.header.name, b.length, (entry.header.name.endsWith('.gz') ? gunzipSync(b) : b).toString().slice(0, 300));
  }
  void createHash; void expect;
});
