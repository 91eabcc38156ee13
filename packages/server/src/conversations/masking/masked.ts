import { noteRead, noteUnredactedRead, type Read } from '../../access/audit/reads.ts';
import { isMasked, type Scope } from '../../access/authorization/scope.ts';
import type { Context } from '../../context.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Secrets } from '../../kernel/secrets.ts';
import { type Masking, textMask } from '../../redaction/mask.ts';
import { isToken, showId } from '../../redaction/opaque-ids.ts';
import type { MapText } from '../../redaction/text/map-json.ts';
import { tokenMaker } from '../../redaction/text/tokens.ts';
import type { Header } from '../model/conversation.ts';
import { mapHeader } from '../model/texts.ts';

/** Null if the caller may see originals. */
export function maskingOf(secrets: Secrets, scope: Scope): Masking | null {
  if (scope.redaction === null || !isMasked(scope)) return null;
  return {
    categories: new Set(scope.redaction),
    country: scope.redactionCountry,
    tokenOf: tokenMaker(secrets.keyOf('participant'), scope.businessId),
    showId: (id) => showId(secrets, scope.businessId, 'id', id),
  };
}

/** PERMISSION_DENIED for masked readers, who could test guesses of `what`. */
export function refuseGuess(masking: Masking | null, what: string): void {
  if (!masking) return;
  throw new Fault(
    'PERMISSION_DENIED',
    `${what} is masked for this key, so it cannot be asked for; that needs Conversations.Unredacted.`,
  );
}

/** Resolves a masked reader's token to the participant id; returns other ids unchanged. */
export function participantOfToken(
  masking: Masking | null,
  id: string,
  participants: readonly string[],
): string {
  if (!masking || !isToken(id)) return id;
  return participants.find((own) => own !== '_mixed' && masking.tokenOf(own) === id) ?? id;
}

type AuditContext = Pick<Context, 'db' | 'clock' | 'secrets'>;

/** Audits reads if the business logs them, and always those of originals that masking covers. */
export async function auditRead(ctx: AuditContext, scope: Scope, read: Read): Promise<void> {
  const isOriginal = scope.redaction !== null && maskingOf(ctx.secrets, scope) === null;
  await (isOriginal ? noteUnredactedRead : noteRead)(ctx, scope, read);
}

export function maskHeader(header: Header, masking: Masking, map: MapText = textMask(masking)) {
  const { id, queueId, clients, agents, ...rest } = mapHeader(header, map);
  return {
    ...rest,
    id: masking.showId(id),
    queueId: queueId && masking.showId(queueId),
    clients: clients.map((client) => ({
      ...client,
      clientId: masking.tokenOf(client.clientId),
      ...(client.name !== undefined && { name: '[NAME]' }),
      ...(client.phoneNumber !== undefined && { phoneNumber: '[PHONE]' }),
    })),
    agents: agents.map((agent) => ({
      ...agent,
      agentId: masking.tokenOf(agent.agentId),
      ...(agent.name !== undefined && { name: '[NAME]' }),
    })),
  };
}
