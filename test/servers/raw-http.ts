import { connect } from 'node:net';

export interface RawAnswer {
  /** The status of the last response; null if the server closed the connection without one. */
  readonly status: number | null;
  readonly text: string;
}

const HEAD_END = '\r\n\r\n';

/**
 * Sends bytes unchanged over a new connection. Resolves with the first final response, or when the
 * server closes the connection.
 */
export function sendRaw(url: string, bytes: string | Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    const finish = () => {
      socket.destroy();
      const status = /^HTTP\/1\.1 (\d{3})/.exec(finalPart(text))?.[1];
      resolve({ status: status === undefined ? null : Number(status), text });
    };
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (isComplete(finalPart(text))) finish();
    });
    // The server may reset a connection that it refuses.
    socket.on('error', finish);
    socket.on('close', finish);
    socket.write(bytes);
  });
}

export function breakOff(url: string, bytes: string): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.write(bytes, () => socket.resetAndDestroy());
  });
}

function finalPart(text: string): string {
  const interim = /^HTTP\/1\.1 1\d\d [\s\S]*?\r\n\r\n/.exec(text);
  return interim ? finalPart(text.slice(interim[0].length)) : text;
}

function isComplete(text: string): boolean {
  const end = text.indexOf(HEAD_END);
  if (end < 0) return false;
  const head = text.slice(0, end).toLowerCase();
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
  if (length !== undefined) return text.length >= end + HEAD_END.length + Number(length);
  if (head.includes('\r\ntransfer-encoding: chunked')) return text.endsWith(`0${HEAD_END}`);
  return /^http\/1\.1 (204|304)/.test(head);
}
