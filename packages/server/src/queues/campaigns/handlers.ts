import { MAX_SIMULATED } from '@colloquy/wire';
import type { Handlers } from '../../access/authorization/call.ts';
import type { Scope } from '../../access/authorization/scope.ts';
import { auditRead, maskingOf } from '../../conversations/masking/masked.ts';
import { readAscending } from '../../kernel/page.ts';
import { maskText } from '../../redaction/mask.ts';
import type { OutboundCall } from '../calls/call.ts';
import { MASKED_NUMBER } from '../calls/masked.ts';
import { campaignFromWire } from '../from-wire.ts';
import type { QueueHandlerContext } from '../queue-context.ts';
import { campaignToWire, listedCampaignToWire, simulationToJson } from '../to-wire.ts';
import { countByStatus, findCampaigns, listCampaigns } from './campaign-store.ts';
import { getCampaign, replaceCampaign } from './campaigns.ts';
import { simulate } from './simulate.ts';

type Names = 'SimulateOutboundQueue' | 'GetCampaigns' | 'GetCampaign' | 'PutCampaign';

export function campaignHandlers(ctx: QueueHandlerContext): Handlers<Names> {
  return {
    async SimulateOutboundQueue({ scope, body }) {
      const simulation = await simulate(ctx, scope, {
        hours: body.Hours ?? 24,
        campaignIds: body.CampaignIds?.length ? body.CampaignIds : null,
        callSeconds: body.CallSeconds ?? 120,
      });
      const ids = [String(scope.businessId)];
      await auditRead(ctx, scope, { operation: 'SimulateOutboundQueue', kind: 'Business', ids });
      const maxCalls = body.MaxCalls ?? MAX_SIMULATED;
      const masking = maskingOf(ctx.secrets, scope);
      const numberOf = ({ recipientNumber }: OutboundCall) =>
        masking ? MASKED_NUMBER : recipientNumber;
      const json = await simulationToJson(simulation, maxCalls, numberOf);
      // Only `data` gets the masking of ids that contain numbers.
      return masking ? { data: JSON.parse(json) } : { uncheckedJson: json };
    },
    async GetCampaigns({ scope, query }) {
      const { businessId } = scope;
      return readAscending(ctx, `campaigns ${businessId}`, query, {
        first: '',
        async read(after, limit) {
          const campaigns = await listCampaigns(ctx.db, scope, after, limit);
          const ids = campaigns.map(({ id }) => id);
          const counts = await countByStatus(ctx.db, scope, ids);
          return campaigns.map((campaign) => ({ campaign, counts: counts.get(campaign.id) }));
        },
        keyOf: ({ campaign }) => campaign.id,
        toWire: ({ campaign, counts }) => listedCampaignToWire(campaign, counts),
      });
    },
    async GetCampaign({ scope, params }) {
      return { data: campaignToWire(await getCampaign(ctx, scope, params.campaignId)) };
    },
    async PutCampaign({ scope, params, body }) {
      const named = campaignFromWire(params.campaignId, body);
      const settings = {
        ...named,
        name: await nameToStore(ctx, scope, params.campaignId, named.name),
      };
      const { campaign, created } = await replaceCampaign(ctx, scope, settings);
      return { status: created ? 201 : 200, data: campaignToWire(campaign) };
    },
  };
}

/** The stored name if a masked reader writes back the masked one. */
async function nameToStore(
  ctx: QueueHandlerContext,
  scope: Scope,
  campaignId: string,
  name: string,
): Promise<string> {
  const masking = maskingOf(ctx.secrets, scope);
  if (!masking) return name;
  const stored = (await findCampaigns(ctx.db, scope, [campaignId])).get(campaignId);
  return stored && maskText(stored.name, masking) === name ? stored.name : name;
}
