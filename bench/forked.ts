import { fork } from 'node:child_process';

export interface Forked<Request, Answer> extends AsyncDisposable {
  readonly pid: number;
  ask(request: Request): Promise<Answer>;
}

type Reply<Answer> = { readonly answer: Answer } | { readonly failure: string };

/** Starts a file of this folder as a child process, which answers with `answerParent`. */
export function startForked<Request extends object, Answer>(file: string): Forked<Request, Answer> {
  const child = fork(new URL(file, import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [],
  });
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with code ${code}`)));
  });
  ended.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    async ask(request) {
      const replied = new Promise<Reply<Answer>>((resolve) => child.once('message', resolve));
      child.send(request);
      const reply = await Promise.race([replied, ended]);
      if ('failure' in reply) throw new Error(`${file}: ${reply.failure}`);
      return reply.answer;
    },
    async [Symbol.asyncDispose]() {
      const gone = ended.catch(() => undefined);
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** In the child process: answers requests until the parent ends. */
export function answerParent<Request, Answer>(work: (request: Request) => Promise<Answer>): void {
  process.on('message', (request) => {
    work(request as Request).then(
      (answer) => process.send?.({ answer }),
      (error: unknown) => process.send?.({ failure: error instanceof Error ? error.stack : error }),
    );
  });
  process.once('disconnect', () => process.exit(0));
}
