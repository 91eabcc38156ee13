import { setImmediate } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import { ed25519Signer } from '../../kernel/certificate.ts';
import type { Notifier } from '../../kernel/postgres/notifier.ts';
import type { DispatchContext } from '../events/dispatch.ts';
import { type Policy, readPolicy } from '../events/policy.ts';
import { type WebhookMetrics, webhookMetrics } from '../metrics.ts';
import type { Webhook } from '../webhook.ts';

export type WebhookContext = DispatchContext &
  Pick<Context, 'db' | 'config' | 'log' | 'metrics'> & { readonly notifier: Notifier };

export interface SendContext extends WebhookContext {
  /** Of a whole request. */
  readonly timeoutMs: number;
  readonly sent: WebhookMetrics;
  signEd25519(text: string): Buffer;
  /** What a webhook may receive now; requests of one turn share a look-up. */
  policyOf(businessId: number, webhook: Pick<Webhook, 'unredactedBy'>): Promise<Policy>;
}

export function sendContextOf(ctx: WebhookContext, timeoutMs: number): SendContext {
  const waiting = new Map<string, Promise<Policy>>();
  return {
    ...ctx,
    timeoutMs,
    sent: webhookMetrics(ctx.metrics.registry),
    signEd25519: ed25519Signer(ctx.secrets),
    policyOf(businessId, { unredactedBy }) {
      const key = `${businessId} ${unredactedBy}`;
      const read = async () => {
        await setImmediate();
        // Later requests must not get what was read before them.
        waiting.delete(key);
        return readPolicy(ctx.db, businessId, [{ unredactedBy }]);
      };
      const policy = waiting.get(key) ?? read();
      waiting.set(key, policy);
      return policy;
    },
  };
}
