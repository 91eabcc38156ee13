import { requestText } from './http-connection.ts';

export interface LeasedCall {
  readonly id: string;
  readonly token: string;
}

/** A report with the placeholders `%id%` and `%token%` for the call. */
export interface ReportRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const ID = /"QueueId":"([^"]+)"/;
const TOKEN = /"LeaseToken":"([^"]+)"/;

/** The call in the answer to a lease; null if there is none. Parses only the id and the token. */
export function parseLeasedCall(body: string): LeasedCall | null {
  const [id, token] = [ID.exec(body)?.[1], TOKEN.exec(body)?.[1]];
  return id === undefined || token === undefined ? null : { id, token };
}

export function renderReport(
  { path, headers = {}, body = '' }: ReportRequest,
  { id, token }: LeasedCall,
): string {
  const fill = (text: string) => text.replace('%id%', id).replace('%token%', token);
  return requestText('POST', fill(path), headers, fill(body));
}
