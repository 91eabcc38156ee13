import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const API_KEY = 'bench-bootstrap-key-0123456789abcdef';
export const SECRET = 'bench-secret-0123456789abcdef0123456789';

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
}

export interface ServerOptions {
  readonly databaseUrl: string;
  readonly folder: string;
  readonly flags?: readonly string[];
  /** The program and its arguments; the production server by default. */
  readonly program?: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The command of scripts/serve.sh, for the build in a folder. */
export const productionProgram = (root: string): string[] => [
  '--no-allocation-site-pretenuring',
  '--max-semi-space-size=12',
  '--v8-pool-size=0',
  join(root, 'packages/server/src/main.ts'),
  'all',
];

/** Starts a server as in production, with a log file in the folder. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const log = openSync(join(options.folder, `server-${Date.now()}.log`), 'w');
  const { flags = [], program = productionProgram(ROOT) } = options;
  const child = spawn(process.execPath, [...flags, ...program], {
    env: {
      PATH: process.env.PATH,
      GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
      NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/node'),
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: options.databaseUrl,
      DATA_DIR: join(options.folder, 'server'),
      BOOTSTRAP_API_KEY: API_KEY,
      SECRET,
      DEMO: '0',
      // Every server of a database may be the one that sends its webhooks, here to this machine.
      ALLOW_PRIVATE_TARGETS: '1',
      ...options.settings,
    },
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const { stdout } = child;
  if (stdout === null) throw new Error('the server has no output');
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
    exited.then(() => reject(new Error(`the server ended; its log is in ${options.folder}`)));
  });
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
