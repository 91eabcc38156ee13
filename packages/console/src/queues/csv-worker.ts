import { checkCsv } from './csv-check.ts';

/** What it is asked: a file, whether numbers without a + have a country, and which column they are in. */
export interface CheckRequest {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly hasCountry: boolean;
  readonly numberColumn: string | null;
}

/** Looks through a file beside the page, which answers meanwhile. */
self.addEventListener('message', ({ data }: MessageEvent<CheckRequest>) => {
  self.postMessage(checkCsv(data.bytes, data.hasCountry, data.numberColumn));
});
