/** Answers requests of a page to its worker. Exceptions become errors of the worker. */
export function answerChecks<Request, Answer>(check: (request: Request) => Promise<Answer>): void {
  self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
    check(data).then(
      (answer) => self.postMessage(answer),
      (error: unknown) => reportError(error),
    );
  });
}
