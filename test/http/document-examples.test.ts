import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type Op, type OpName, ops } from '@colloquy/wire';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyDemoData } from '../e2e/demo-data.ts';
import { type Document, type Example, readDocuments } from '../fixtures/document-examples.ts';
import { ROOT, type ServerProcess, startServer } from '../servers/server-process.ts';
import { ADMIN_KEY } from '../servers/server-secrets.ts';

const run = promisify(execFile);
const HANGS_AFTER_MS = 240_000;
const SHOWN_URL = 'http://127.0.0.1:8080';
/** Blocks that are not examples: output, diagrams, settings of other programs. */
const OTHER_LANGUAGES = ['text', 'mermaid', 'ini'];
const documents = readDocuments();
const runnable = documents.filter(({ examples }) => examples.some(isRun));

function isRun({ language, notRun }: Example): boolean {
  return notRun === null && (language === 'sh' || language === 'ts');
}

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'colloquy-examples-'));
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  await mkdir(join(folder, 'bin'));
  for (const [name, script] of Object.entries(COMMANDS)) {
    await writeFile(join(folder, 'bin', name), script, { mode: 0o755 });
  }
  await copyDemoData(dataDir);
  server = await startServer({ DATA_DIR: dataDir, DEMO: '1' });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

/** Wrappers that make a refused request fail, and run this checkout without installing it again. */
const COMMANDS = {
  curl: `#!/bin/sh
PATH=\${PATH#*:}
case " $* " in *' -sf '*) exec curl "$@" ;; esac
exec curl --fail-with-body "$@"
`,
  npx: `#!/bin/sh\nexec "${ROOT}/node_modules/.bin/$@"\n`,
  npm: `#!/bin/sh
[ "$1" = run ] || { echo "the test of examples runs no npm $1" >&2; exit 1; }
script=$(node -p "require('${ROOT}/package.json').scripts['$2']") || exit 1
shift 2
[ "\${1:-}" != -- ] || shift
eval "\${script#sh scripts/install.sh && exec } \\"\\$@\\""
`,
};

async function openCheckout(name: string): Promise<string> {
  const checkout = join(folder, name.replaceAll('/', '-'));
  await mkdir(checkout);
  for (const shared of ['packages', 'node_modules', 'samples', 'scripts']) {
    await symlink(join(ROOT, shared), join(checkout, shared));
  }
  await symlink(join(folder, 'data'), join(checkout, 'data'));
  await copyFile(join(ROOT, 'package.json'), join(checkout, 'package.json'));
  return checkout;
}

async function runExamples(document: Document): Promise<void> {
  const checkout = await openCheckout(document.path);
  const lines = ['set -eu'];
  for (const [index, example] of document.examples.entries()) {
    if (!isRun(example)) continue;
    const text = example.text.replaceAll(SHOWN_URL, server.url);
    lines.push(`echo 'example ${example.place}' >&2`);
    if (example.language === 'sh') lines.push(text);
    else {
      const file = `example-${index}.ts`;
      await writeFile(join(checkout, file), text);
      lines.push(`node ${file}`);
    }
  }
  const path = [join(folder, 'bin'), join(ROOT, 'node_modules/.bin'), process.env.PATH];
  await run('sh', ['-c', lines.join('\n')], {
    cwd: checkout,
    env: {
      HOME: process.env.HOME,
      PATH: path.join(delimiter),
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      COLLOQUY_URL: server.url,
      COLLOQUY_KEY: ADMIN_KEY,
      DATABASE_TIMEOUT_SECONDS: '60',
      LOG_LEVEL: 'warn',
    },
    maxBuffer: 64 * 1024 * 1024,
    timeout: HANGS_AFTER_MS,
  }).catch((error: { stderr: string; stdout: string }) => {
    // The last line of the form "example docs/live.md:8" names the failed example.
    throw new Error(`${error.stderr.slice(-2000)}\n${error.stdout.slice(-1000)}`);
  });
}

describe('examples of README and docs/', () => {
  it.each(runnable)('the examples of $path run on a server with the sample data', runExamples);

  it('TypeScript examples have no type errors', async () => {
    const checkout = await openCheckout('types');
    const blocks = documents.flatMap(({ examples }) => examples).filter(isRun);
    const sources = blocks.filter(({ language }) => language === 'ts');
    for (const [index, { text }] of sources.entries()) {
      await writeFile(join(checkout, `example-${index}.ts`), text);
    }
    const config = { extends: join(ROOT, 'tsconfig.json'), include: ['*.ts'] };
    const compilerOptions = { incremental: false, tsBuildInfoFile: null };
    await writeFile(
      join(checkout, 'tsconfig.json'),
      JSON.stringify({ ...config, compilerOptions }),
    );
    const tsc = join(ROOT, 'node_modules/typescript/lib/tsc.js');
    const checked = await run(process.execPath, [tsc, '-p', checkout]).catch((error) => error);
    expect(checked.stdout).toBe('');
    expect(sources.length).toBeGreaterThan(3);
  });

  it('JSON examples match the schema of the operation that they name', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false, discriminator: true });
    for (const { place, language, subject, text, notRun } of documents.flatMap(
      ({ examples }) => examples,
    )) {
      if (language !== 'json') continue;
      const value: unknown = JSON.parse(text);
      if (notRun !== null) continue;
      const schema = schemaOf(subject);
      if (schema === null)
        throw new Error(`${place}: name the operation, as in GetBusiness.output`);
      const check = ajv.compile(schema);
      expect(check(value), `${place}: ${JSON.stringify(check.errors)}`).toBe(true);
    }
  });

  it('every example has a known language, and at most 15 outside of deployment/ are not run', () => {
    const all = documents.flatMap(({ examples }) => examples);
    const unknown = all.filter(
      ({ language }) => !['sh', 'ts', 'json', ...OTHER_LANGUAGES].includes(language),
    );
    expect(unknown.map(({ place }) => place)).toEqual([]);
    // Pages on deployment have the commands of other products.
    const notRun = all.filter(
      ({ notRun, place }) => notRun !== null && !place.includes('docs/deployment/'),
    );
    expect(notRun.length).toBeLessThanOrEqual(15);
  });
});

const FAILURE = {
  type: 'object',
  required: ['Success', 'Code', 'Message'],
  properties: {
    Success: { const: false },
    Code: { type: 'string', pattern: '^[A-Za-z]+:[A-Z_]+$' },
    Message: { type: 'string' },
  },
  additionalProperties: false,
};

/** The schema for `PutCampaign.body`, `GetConversation.output` or `failure`. */
function schemaOf(subject: string): object | null {
  if (subject === 'failure') return FAILURE;
  const [name = '', part] = subject.split('.');
  if (!(name in ops)) return null;
  const op: Op = ops[name as OpName];
  if (part === 'output') return op.output;
  return part === 'body' && op.body !== 'audio' ? op.body : null;
}
