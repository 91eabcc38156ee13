import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

export function requestText(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): string {
  const lines = Object.entries({ Host: '127.0.0.1', ...headers }).map(([k, v]) => `${k}: ${v}\r\n`);
  if (body !== '') {
    lines.push('Content-Type: application/json\r\n');
    lines.push(`Content-Length: ${Buffer.byteLength(body)}\r\n`);
  }
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/**
 * A keep-alive connection that sends one request at a time. To cost little, it parses only the parts of
 * HTTP that a load generator needs: the status, Content-Length and, if requested, the body.
 */
export class HttpConnection {
  readonly #socket: Socket;
  #head: Buffer | null = null;
  #missing = -1;
  #status = 0;
  #body: Buffer[] | null = null;
  #done: ((status: number) => void) | null = null;
  #failed: ((error: Error) => void) | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#read(chunk as Buffer));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => this.#failed?.(new Error('the server closed the connection')));
  }

  static open(port: number): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new HttpConnection(socket));
      });
    });
  }

  /** False after the server has closed the idle connection. */
  get isOpen(): boolean {
    return this.#socket.writable;
  }

  /** The status of the answer, after all of it has arrived. */
  send(request: string): Promise<number> {
    return new Promise((resolve, reject) => {
      // Writing to a closed socket fails without an event.
      if (!this.isOpen) {
        reject(new Error('the server has closed the connection'));
        return;
      }
      this.#done = resolve;
      this.#failed = reject;
      this.#socket.write(request, 'utf8');
    });
  }

  /** The body of the answer. @throws if the status is not 200. */
  async read(request: string): Promise<string> {
    const body: Buffer[] = [];
    this.#body = body;
    const status = await this.send(request);
    this.#body = null;
    const text = Buffer.concat(body).toString();
    if (status !== 200) throw new Error(`status ${status} for ${request.slice(0, 300)}: ${text}`);
    return text;
  }

  close(): void {
    this.#failed = null;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#missing < 0) {
      const seen = this.#head === null ? chunk : Buffer.concat([this.#head, chunk]);
      const end = seen.indexOf(HEAD_END);
      if (end < 0) {
        this.#head = seen;
        return;
      }
      this.#head = null;
      const head = seen.toString('latin1', 0, end).toLowerCase();
      this.#status = Number(head.slice(9, 12));
      const at = head.indexOf('content-length:');
      if (this.#status === 304) {
        this.#missing = 0;
      } else if (at < 0) {
        this.#failed?.(new Error('an answer without Content-Length'));
        return;
      } else {
        const length = Number.parseInt(head.slice(at + 15, at + 30), 10);
        this.#missing = length - (seen.length - end - HEAD_END.length);
      }
      this.#body?.push(seen.subarray(end + HEAD_END.length));
    } else {
      this.#missing -= chunk.length;
      this.#body?.push(chunk);
    }
    if (this.#missing > 0) return;
    this.#missing = -1;
    const done = this.#done;
    this.#done = null;
    done?.(this.#status);
  }
}
