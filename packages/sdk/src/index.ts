export type { Code, InputOf, OpName, OutputOf } from '@colloquy/wire';
export { type Audio, type Client, type Csv, createClient, type InputFor } from './client.ts';
export { ColloquyError, ConnectionError } from './error.ts';
export type { ClientOptions, RequestOptions } from './send.ts';
export type { StreamedEvent, StreamOptions, StreamReset } from './stream.ts';
