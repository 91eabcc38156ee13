import { createHash } from 'node:crypto';
import { Id } from '@colloquy/wire';
import { BadLineError } from './lines.ts';
import { readTopLevel } from './top-level.ts';

const { pattern, description } = Id as object as { pattern: string; description: string };
const ALLOWED = new RegExp(pattern);

/** Its `Id`, or a hash of its `Source` or of the line. BadLineError for an invalid Id or JSON. */
export function conversationId(line: Buffer): string {
  const found = readTopLevel(line, ['Id', 'Source']);
  const id = found.get('Id') ?? null;
  if (id === null) return hashedId(found.get('Source'), line);
  if (typeof id === 'string' && ALLOWED.test(id)) return id;
  throw new BadLineError(`Id must be ${description.replaceAll('`', '')}.`);
}

function hashedId(source: unknown, line: Buffer): string {
  const { Provider, ProviderCallId } = (source ?? {}) as Record<string, unknown>;
  const isNamed =
    typeof Provider === 'string' && typeof ProviderCallId === 'string' && ProviderCallId !== '';
  const hash = createHash('sha256');
  hash.update(isNamed ? JSON.stringify([Provider, ProviderCallId]) : line);
  return `import_${hash.digest('hex').slice(0, 32)}`;
}
