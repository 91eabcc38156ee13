import type { SourceName } from '@colloquy/wire';
import type { EventIdentity, Headers } from '../sources/source.ts';
import { SOURCES_BY_NAME } from '../sources/sources.ts';

interface Input {
  readonly source: SourceName;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export default function identifyInThread({ source, headers, bytes }: Input): EventIdentity {
  const body = Buffer.from(bytes.buffer);
  return SOURCES_BY_NAME[source].identify({ headers, body });
}
