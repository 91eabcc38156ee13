import { checkCsv } from './csv-check.ts';

/** What it is asked: a file, and whether numbers without a + have a country. */
export interface CheckRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly hasCountry: boolean;
}

/** Looks through a file beside the page, which answers meanwhile. */
self.addEventListener('message', ({ data }: MessageEvent<CheckRequest>) => {
  self.postMessage(checkCsv(data.bytes, data.hasCountry));
});
