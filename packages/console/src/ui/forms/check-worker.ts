/**
 * Answers what a page asks its worker, such as to look through a file while the page goes on answering. What
 * goes wrong is an error of the worker.
 */
export function answerChecks<Request, Answer>(check: (request: Request) => Promise<Answer>): void {
  self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
    check(data).then(
      (answer) => self.postMessage(answer),
      (error: unknown) => reportError(error),
    );
  });
}
