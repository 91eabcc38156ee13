import { MAX_HEADERS, type WebhookChange } from '@colloquy/wire';
import { holds, type Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import { refusalOf } from '../../kernel/outbound-guard.ts';
import { UNREDACTED } from '../events/policy.ts';
import type { Webhook } from '../webhook.ts';

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/;
/** Printable characters of ISO 8859-1 and tabs, as HTTP allows. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Set by the server, or about the connection. */
const RESERVED_HEADERS =
  /^(webhook-.*|content-.*|host|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|proxy-.*)$/i;

type Known = Pick<Context, 'config' | 'secrets'>;
type Changed = Pick<Webhook, 'url' | 'events' | 'description' | 'headers' | 'unredactedBy'>;

/** The changed fields; absent and null keys change nothing. INVALID_REQUEST, PERMISSION_DENIED. */
export function changeFromWire(
  { config, secrets }: Known,
  scope: Scope,
  body: WebhookChange,
  before: Pick<Webhook, 'unredactedBy'>,
): Partial<Changed> {
  const refusal = body.Url == null ? null : refusalOf(body.Url, config.allowPrivateTargets);
  if (refusal !== null) throw new Fault('INVALID_REQUEST', `Url ${refusal}.`);
  checkHeaders(body.Headers ?? {});
  const { IncludeUnredacted } = body;
  const isUnredacted = IncludeUnredacted ?? before.unredactedBy !== null;
  const isSensitive = body.Url != null || body.Headers != null || IncludeUnredacted === true;
  if (isUnredacted && isSensitive && !holds(scope.permissions, UNREDACTED, 'Retrieving')) {
    throw new Fault(
      'PERMISSION_DENIED',
      'The webhook would get original data, which needs Conversations.Unredacted; set IncludeUnredacted to false.',
    );
  }
  return {
    ...(body.Url != null && { url: new URL(body.Url).href }),
    ...(body.Events != null && { events: [...new Set(body.Events)] }),
    ...(body.Description != null && { description: body.Description }),
    ...(body.Headers != null && { headers: secrets.encipher(JSON.stringify(body.Headers)) }),
    ...(IncludeUnredacted != null && { unredactedBy: IncludeUnredacted ? scope.userId : null }),
  };
}

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  const entries = Object.entries(headers);
  if (entries.length > MAX_HEADERS) {
    throw new Fault('INVALID_REQUEST', `Headers may have up to ${MAX_HEADERS} headers.`);
  }
  for (const [name, value] of entries) {
    if (!HEADER_NAME.test(name)) {
      throw new Fault('INVALID_REQUEST', 'Headers has a name that is not the name of a header.');
    }
    if (RESERVED_HEADERS.test(name)) {
      throw new Fault('INVALID_REQUEST', `Headers must not have ${name}, which the server sets.`);
    }
    if (!HEADER_VALUE.test(value)) {
      throw new Fault(
        'INVALID_REQUEST',
        `Headers.${name} has a character that HTTP does not allow.`,
      );
    }
  }
}
