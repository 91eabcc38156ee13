export class Tally {
  created = 0;
  existing = 0;
  failed = 0;
  uploaded = 0;
  skipped = 0;
  failedRecordings = 0;
  readonly #start = performance.now();

  get conversations(): number {
    return this.created + this.existing + this.failed;
  }

  get recordings(): number {
    return this.uploaded + this.skipped + this.failedRecordings;
  }

  get seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }

  get hasFailures(): boolean {
    return this.failed + this.failedRecordings > 0;
  }

  summary(): string {
    const lines = [
      `Conversations: ${count(this.created)} created, ${count(this.existing)} already existed, ${count(this.failed)} failed.`,
    ];
    if (this.recordings > 0) {
      const hint =
        this.skipped > 0
          ? ' (the server has them with the same size; --force-recordings uploads them again)'
          : '';
      lines.push(
        `Recordings: ${count(this.uploaded)} uploaded, ${count(this.skipped)} skipped${hint}, ${count(this.failedRecordings)} failed.`,
      );
    }
    lines.push(`It took ${this.seconds.toFixed(1)} seconds.`);
    return lines.join('\n');
  }
}

export function count(number: number): string {
  return Math.round(number).toLocaleString('en-US');
}
