import type { Config } from '../../config.ts';
import { messageOf } from '../../kernel/start-error.ts';
import type { DatabaseReport } from './check-database.ts';
import { type Finding, findingsOf } from './finding.ts';

const { ok, warning, failed } = findingsOf('PUBLIC_URL');
const PATIENCE_MILLISECONDS = 10_000;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
/** Networks of all addresses. */
const EVERYONE = /^(0\.0\.0\.0|::)\/0$/;

export const addressOf = ({ publicUrl, host, port }: Config): string =>
  publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

type Known = Pick<DatabaseReport, 'installation' | 'isServed'>;

export async function checkPublicUrl(config: Config, known: Known): Promise<Finding[]> {
  return [...checkSecurity(config), await checkAnswer(addressOf(config), known)];
}

function checkSecurity({ publicUrl, host, trustProxy }: Config): Finding[] {
  const findings: Finding[] = [];
  const url = publicUrl === null ? null : new URL(publicUrl);
  if (url === null && !LOOPBACK.test(host.includes(':') ? `[${host}]` : host)) {
    const fix = 'Set PUBLIC_URL to the address that people and programs use.';
    findings.push(warning(`it is not set, so links begin with http://${host}`, fix));
  }
  if (url?.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    const fix =
      'Put a proxy that terminates TLS in front of the server, and begin PUBLIC_URL with https.';
    findings.push(warning('it is http, so cookies and keys cross the network unencrypted', fix));
  }
  if (url?.protocol === 'https:' && trustProxy.length === 0) {
    const fix = 'Set TRUST_PROXY to the addresses of the proxy that terminates TLS.';
    const message =
      'it is https, but TRUST_PROXY is empty: all requests seem to come from the proxy';
    findings.push(warning(message, fix));
  }
  if (trustProxy.some((network) => EVERYONE.test(network))) {
    const fix = 'Name only the addresses of the proxies in TRUST_PROXY.';
    findings.push(warning('TRUST_PROXY trusts everyone, so clients can forge their address', fix));
  }
  return findings;
}

interface Ready {
  /** Of a failure. */
  readonly Code?: string;
  readonly Data?: { readonly Status?: string; readonly Installation?: string };
}

async function checkAnswer(address: string, { installation, isServed }: Known): Promise<Finding> {
  const url = `${address}/readyz`;
  let answer: Response;
  try {
    answer = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
    });
  } catch (error) {
    return describeSilence(address, error, isServed);
  }
  if (answer.status >= 300 && answer.status < 400) {
    const to = answer.headers.get('Location');
    return failed(`${url} redirects to ${to}`, 'Set PUBLIC_URL to the address after the redirect.');
  }
  const body = (await answer.json().catch(() => null)) as Ready | null;
  if (answer.status === 503 && body?.Code?.endsWith(':UNAVAILABLE')) {
    const fix = 'Check DATABASE_URL of that server, its log, and that its database runs.';
    return failed(`the server at ${address} answers, but its database does not`, fix);
  }
  if (body?.Data?.Status !== 'Ready') {
    const fix =
      'Let the proxy pass all paths below PUBLIC_URL to the server, and check the log of both.';
    return failed(`${url} answers ${answer.status}, but not as a Colloquy that is ready`, fix);
  }
  if (body.Data.Installation === undefined) {
    const fix = 'Start this release there, too, and run this again.';
    return warning(`${address} is an older release, which does not name its database`, fix);
  }
  if (installation !== null && body.Data.Installation !== installation) {
    const fix = 'Correct PUBLIC_URL, or the DATABASE_URL of one of the two.';
    return failed(`${address} is a Colloquy with another database`, fix);
  }
  return ok(`${address} answers`);
}

function describeSilence(address: string, error: unknown, isServed: boolean | null): Finding {
  const reason = messageOf((error as { cause?: unknown }).cause ?? error);
  const message = `${address} does not answer (${reason})`;
  if (isServed === false) {
    return warning(message, 'No server runs yet; start one and run this again.');
  }
  return failed(message, 'Correct PUBLIC_URL, its DNS name or certificate, or start the proxy.');
}
