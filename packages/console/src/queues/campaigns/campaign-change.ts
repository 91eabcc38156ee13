import type { InputOf } from '@colloquy/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { client } from '../../api/client.ts';
import { hasReason } from '../../api/failure.ts';
import { opQuery, refreshReads } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';

type Settings = Omit<InputOf<'PutCampaign'>, 'businessId' | 'campaignId'>;

const READS_TO_REFRESH = [
  'GetCampaigns',
  'GetCampaign',
  'SimulateOutboundQueue',
  'GetOutboundQueues',
  'GetOutboundQueue',
] as const;

/** Changes some settings of a campaign; others keep the values that are stored by then. */
export function useCampaignChange() {
  const businessId = useBusinessId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ campaignId, ...change }: Settings & { readonly campaignId: string }) => {
      const known = await client.getCampaign({ businessId, campaignId });
      const { CampaignId: _id, CreatedAt: _at, ...now } = known;
      return client.putCampaign({ ...(now as Settings), ...change, businessId, campaignId });
    },
    onSuccess: () => refreshReads(queries, READS_TO_REFRESH),
  });
}

/** An existing campaign with the id is not changed. */
export function useNewCampaign() {
  const businessId = useBusinessId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ campaignId, ...settings }: Settings & { readonly campaignId: string }) => {
      const known = await findCampaign(businessId, campaignId);
      if (known) throw new Error(`Campaign ${campaignId} already exists: "${known.Name}".`);
      return client.putCampaign({ ...settings, businessId, campaignId });
    },
    onSuccess: () => refreshReads(queries, READS_TO_REFRESH),
  });
}

async function findCampaign(businessId: number, campaignId: string) {
  try {
    return await client.getCampaign({ businessId, campaignId });
  } catch (error) {
    if (hasReason(error, 'NOT_FOUND')) return null;
    throw error;
  }
}

const MAX_CAMPAIGNS = 1_000;

export function useCampaignNames(isWanted: boolean): readonly (readonly [string, string])[] {
  const businessId = useBusinessId();
  const { data } = useQuery({
    queryKey: [...opQuery('GetCampaigns', { businessId }).queryKey, 'names'],
    enabled: isWanted,
    queryFn: async () => {
      const names: [id: string, name: string][] = [];
      for await (const one of client.items('getCampaigns', { businessId, Limit: 100 })) {
        if (names.push([one.CampaignId, one.Name]) >= MAX_CAMPAIGNS) break;
      }
      return names.sort(([, a], [, b]) => a.localeCompare(b));
    },
  });
  return data ?? [];
}
