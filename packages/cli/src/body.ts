import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { UsageError } from './failure.ts';

export async function readBody(
  given: string | undefined,
): Promise<{ json: string; value: Record<string, unknown> } | null> {
  if (given === undefined) return null;
  const json = await bodyText(given);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new UsageError(`The body is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError('The body must be a JSON object.');
  }
  return { json, value: value as Record<string, unknown> };
}

async function bodyText(given: string): Promise<string> {
  if (given === '-') return text(process.stdin);
  return given.startsWith('@') ? readFile(given.slice(1), 'utf8') : given;
}
