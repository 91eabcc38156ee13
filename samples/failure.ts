export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOENT' && 'path' in error) {
    return `${error.path} does not exist.`;
  }
  return error.message;
}
