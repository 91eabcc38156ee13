import { cleanText } from '../assembly/clean.ts';
import type { Headers } from '../sources/source.ts';

/** Secrets, and signatures, with which weak secrets could be guessed. */
const SECRET = /authorization|cookie|signature|secret|token|api-?key|password/;

export const withoutSecrets = (headers: Headers): Headers =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !SECRET.test(name))
      .map(([name, value]) => [cleanText(name), cleanText(value)]),
  );
