import {
  API_SUMMARY,
  type CsvInput,
  IDEMPOTENCY_KEY,
  INITIATION_TYPE_FILTER,
  type NameSet,
  type Op,
  ops,
  REASONS,
  VALUE_SETS,
} from '@colloquy/wire';
import type { TObject } from 'typebox';
import { fieldLines, typeText } from './llms-types.ts';
import { effectText, GROUND_RULES, reasonsOf, sizeText } from './op-facts.ts';
import { operationText } from './operation.ts';
import { type JsonObject, schemaObject } from './schemas.ts';

export function renderLlms(document: JsonObject): string {
  const { schemas } = document.components as { schemas: Readonly<Record<string, JsonObject>> };
  const sections = [
    `# Colloquy API`,
    `> ${API_SUMMARY}`,
    `The base is \`/api/v1\` of the server that served this page. Send \`Authorization: Token <API key>\`. In the examples, COLLOQUY_URL is the URL of the server, such as http://127.0.0.1:8080, and COLLOQUY_KEY is an API key.`,
    '## Documents',
    [
      '- [OpenAPI 3.1](/openapi.json): the same content for programs, with every schema',
      '- [Reference](/docs): the same content for people',
    ].join('\n'),
    '## Ground rules',
    ...GROUND_RULES.flatMap(({ title, text }) => [`### ${title}`, text]),
    '## Reasons',
    'A failure has the Code `<Operation>:<REASON>` and one of these statuses:',
    Object.entries(REASONS)
      .map(([code, { status, means }]) => `- ${status} \`${code}\`: ${means}`)
      .join('\n'),
    '## Value sets',
    'Answers use the first spelling; requests may also use the spellings in brackets.',
    valueSets(),
    '## Operations',
    ...Object.values<Op>(ops).map(operationSection),
    '## Types',
    'The types of requests and answers. A key with `?` may be left out.',
    ...Object.entries(schemas)
      .filter(([name]) => !VALUE_SETS.some(({ title }) => title === name))
      .map(([name, schema]) => typeSection(name, schema)),
  ];
  return `${sections.join('\n\n')}\n`;
}

function valueSets(): string {
  const line = (set: NameSet) => {
    const names = set.names.map((value) => {
      const others = Object.keys(set.aliases).filter((alias) => {
        const meant = set.aliases[alias] ?? [];
        return meant.length === 1 && meant[0] === value;
      });
      return others.length === 0 ? `\`${value}\`` : `\`${value}\` (\`${others.join('`, `')}\`)`;
    });
    return `- ${set.title}: ${names.join(', ')}`;
  };
  const wide = Object.entries(INITIATION_TYPE_FILTER.aliases).map(
    ([alias, names]) => `\`${alias}\` for ${names.map((name) => `\`${name}\``).join(' or ')}`,
  );
  return [
    ...VALUE_SETS.map(line),
    `- In a filter, InitiationType may also be ${wide.join(', ')}.`,
  ].join('\n');
}

function operationSection(op: Op): string {
  const methods = [op.method, ...(op.alsoMethods ?? [])].join(' or ');
  const reasons = Map.groupBy(reasonsOf(op), (code) => REASONS[code].status);
  const parts = [
    `### ${op.name}`,
    `\`${methods} /api/v1${op.path}\`: ${op.summary}.`,
    operationText(op),
    `**Effect:** ${effectText(op)}.`,
    inputText(op),
    outputText(op),
    `Failures: ${[...reasons]
      .toSorted(([a], [b]) => a - b)
      .map(([status, codes]) => `${status} ${codes.join(', ')}`)
      .join('; ')}.`,
    `\`\`\`sh\n${curlExample(op)}\n\`\`\``,
    op.csv ? `\`\`\`sh\n${curlOfRows(op, op.csv)}\n\`\`\`` : '',
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function inputText(op: Op): string {
  const parts = [...placeLines(op.params, 'path '), ...placeLines(op.query, 'query ')];
  if (op.takesIdempotencyKey) {
    parts.push(`- header \`Idempotency-Key?\`: string; ${IDEMPOTENCY_KEY.description}`);
  }
  if (op.eventStream) parts.push('- header `Last-Event-ID?`: string; continue after this event');
  if (op.body === 'audio') parts.push('- body: the bytes, with their Content-Type');
  else if (op.body !== null) {
    const body = schemaObject(op.body);
    const properties = body.properties as Readonly<Record<string, JsonObject>> | undefined;
    if (properties) {
      parts.push(...fieldLines(properties, (body.required as string[]) ?? [], 'body '));
    } else parts.push(`- body: ${typeText(body)}`);
  }
  if (op.csv) parts.push(...csvLines(op.csv));
  return parts.length === 0 ? '' : `Input:\n\n${parts.join('\n')}`;
}

function placeLines({ properties, required }: TObject, place: string): string[] {
  const schemas = Object.entries(properties).map(([key, value]) => [key, schemaObject(value)]);
  const names: readonly string[] = required ?? [];
  return fieldLines(Object.fromEntries(schemas), names, place);
}

function csvLines(csv: CsvInput): string[] {
  return [
    `- or body: rows as \`text/csv\` in UTF-8 or UTF-16, at most ${sizeText(csv.bodyLimit)}; these parameters are allowed only with rows:`,
    ...placeLines(csv.query, 'query '),
  ];
}

function outputText(op: Op): string {
  const schema = schemaObject(op.output);
  const statuses = op.statuses.toSorted().join(' or ');
  if (op.download) return `Answers ${statuses} with bytes (\`${op.download}\`) instead of JSON.`;
  if (op.eventStream) {
    return `Answers ${statuses} with \`text/event-stream\`; \`data:\` is ${typeText(schema)} in JSON. Answers 204 if the stream is over.`;
  }
  return `Answers ${statuses} with \`Data\`: ${typeText(schema)}.`;
}

function typeSection(name: string, schema: JsonObject): string {
  const { description, properties, required } = schema;
  const lines = properties
    ? fieldLines(
        properties as Readonly<Record<string, JsonObject>>,
        (required as readonly string[] | undefined) ?? [],
      )
    : [`- ${typeText({ ...schema, description: undefined })}`];
  return [`### ${name}`, ...(typeof description === 'string' ? [`${description}`] : [])]
    .concat(lines.join('\n'))
    .join('\n\n');
}

function curlExample(op: Op): string {
  const body = op.examples?.body;
  const lines = [
    ...curlStart(op),
    ...(op.body === 'audio' ? ['-H "Content-Type: audio/wav"', '--data-binary @call.wav'] : []),
    ...(body === undefined
      ? []
      : [
          '-H "Content-Type: application/json"',
          `-d '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}'`,
        ]),
    ...(op.download ? ['-o answer.bin'] : []),
  ];
  return lines.join(' \\\n  ');
}

function curlOfRows(op: Op, csv: CsvInput): string {
  const body = (op.examples?.body ?? {}) as Readonly<Record<string, unknown>>;
  const required: readonly string[] = csv.query.required ?? [];
  const query = new URLSearchParams(required.map((name) => [name, String(body[name])]));
  const rows = csv.example.replaceAll('\n', String.raw`\n`);
  const lines = [
    ...curlStart(op, `?${query}`),
    ...(op.takesIdempotencyKey ? [`-H "Idempotency-Key: ${IDEMPOTENCY_KEY.example}"`] : []),
    '-H "Content-Type: text/csv"',
    '--data-binary @-',
  ];
  return `printf '${rows}' | ${lines.join(' \\\n  ')}`;
}

function exampleOf({ params }: Op, name: string): string {
  const { examples } = params.properties[name] as { examples?: readonly unknown[] };
  return String(examples?.[0]);
}

function curlStart(op: Op, query = ''): string[] {
  const path = op.path.replaceAll(/\{(\w+)\}/g, (_, name) => exampleOf(op, name));
  return [
    `curl -s${op.eventStream ? 'N' : ''}${op.method === 'GET' ? '' : ` -X ${op.method}`} "$COLLOQUY_URL/api/v1${path}${query}"`,
    '-H "Authorization: Token $COLLOQUY_KEY"',
  ];
}
