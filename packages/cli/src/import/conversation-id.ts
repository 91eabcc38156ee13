import { createHash } from 'node:crypto';
import { Id } from '@colloquy/wire';
import { BadLineError } from './lines.ts';
import { readTopLevel } from './top-level.ts';

const { pattern, description } = Id as object as { pattern: string; description: string };
const ALLOWED = new RegExp(pattern);

/**
 * The id under which a line's conversation is written: its `Id`, or one made from what its source
 * calls it, or from the whole line; so the same line always writes the same conversation. BadLineError where there can't be one.
 */
export function conversationId(line: Buffer): string {
  const found = readTopLevel(line, ['Id', 'Source']);
  const id = found.get('Id') ?? null;
  if (id === null) return madeId(found.get('Source'), line);
  if (typeof id === 'string' && ALLOWED.test(id)) return id;
  throw new BadLineError(`Id must be ${description.replaceAll('`', '')}.`);
}

function madeId(source: unknown, line: Buffer): string {
  const { Provider, ProviderCallId } = (source ?? {}) as Record<string, unknown>;
  const isNamed =
    typeof Provider === 'string' && typeof ProviderCallId === 'string' && ProviderCallId !== '';
  const hash = createHash('sha256');
  hash.update(isNamed ? JSON.stringify([Provider, ProviderCallId]) : line);
  return `import_${hash.digest('hex').slice(0, 32)}`;
}
