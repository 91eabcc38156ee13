import { requestText } from './http-connection.ts';

/** A call that a worker was handed. */
export interface TakenCall {
  readonly id: string;
  readonly token: string;
}

/** What a worker says of a call, before it knows which: `%id%` and `%token%` stand for that. */
export interface ReportRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const ID = /"QueueId":"([^"]+)"/;
const TOKEN = /"LeaseToken":"([^"]+)"/;

/** The call of an answer to a lease; null where there was none. It reads no more than it needs. */
export function takenCall(body: string): TakenCall | null {
  const [id, token] = [ID.exec(body)?.[1], TOKEN.exec(body)?.[1]];
  return id === undefined || token === undefined ? null : { id, token };
}

/** The text of the request by which a worker reports of its call. */
export function textOfReport(
  { path, headers = {}, body = '' }: ReportRequest,
  { id, token }: TakenCall,
): string {
  const fill = (text: string) => text.replace('%id%', id).replace('%token%', token);
  return requestText('POST', fill(path), headers, fill(body));
}
