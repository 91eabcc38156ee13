import type { Socket } from 'node:net';

const message = (type: string, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const text = (value: string) => Buffer.from(`${value}\0`);
const numbers = (write: 'writeInt16BE' | 'writeInt32BE', size: number, ...values: number[]) => {
  const buffer = Buffer.alloc(size * values.length);
  for (const [index, value] of values.entries()) buffer[write](value, index * size);
  return buffer;
};
const int16 = (...values: number[]) => numbers('writeInt16BE', 2, ...values);
const int32 = (...values: number[]) => numbers('writeInt32BE', 4, ...values);
const READY = message('Z', Buffer.from('I'));

/** Answers the part of PostgreSQL's protocol that a query of the version needs. */
export function speakVersion(socket: Socket, version: string): void {
  socket.on('error', () => undefined);
  socket.once('data', () => {
    socket.write(Buffer.concat([message('R', int32(0)), READY]));
    socket.on('data', (bytes) => {
      if (bytes.toString('latin1', 0, 1) !== 'Q') return;
      const column = [text('server_version'), int32(0), int16(0), int32(25), int16(-1), int32(-1)];
      const value = Buffer.from(version);
      socket.write(
        Buffer.concat([
          message('T', int16(1), ...column, int16(0)),
          message('D', int16(1), int32(value.length), value),
          message('C', text('SHOW')),
          READY,
        ]),
      );
    });
  });
}
