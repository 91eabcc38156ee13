import type { InputOf, OutputOf } from '@colloquy/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { client } from '../../api/client.ts';
import { hasReason } from '../../api/failure.ts';
import { opQuery } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';

type Settings = Omit<InputOf<'PutCampaign'>, 'businessId' | 'campaignId'>;

/** All that shows campaigns, or what follows from their settings. */
const CHANGED = [
  'GetCampaigns',
  'GetCampaign',
  'SimulateOutboundQueue',
  'GetOutboundQueues',
  'GetOutboundQueue',
];

/** A change of some settings of a campaign; the others stay as they are by then, whoever changed them. */
export function useCampaignChange() {
  const businessId = useBusinessId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ campaignId, ...change }: Settings & { readonly campaignId: string }) => {
      const {
        CampaignId: _id,
        CreatedAt: _at,
        ...now
      } = await client.getCampaign({
        businessId,
        campaignId,
      });
      return client.putCampaign({ ...(now as Settings), ...change, businessId, campaignId });
    },
    onSuccess: () => tell(queries),
  });
}

/** A new campaign; one that has the id already is left alone. */
export function useNewCampaign() {
  const businessId = useBusinessId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ campaignId, ...settings }: Settings & { readonly campaignId: string }) => {
      const known = await findCampaign(businessId, campaignId);
      if (known) throw new Error(`There is a campaign ${campaignId} already: "${known.Name}".`);
      return client.putCampaign({ ...settings, businessId, campaignId });
    },
    onSuccess: () => tell(queries),
  });
}

const tell = (queries: ReturnType<typeof useQueryClient>) =>
  Promise.all(CHANGED.map((op) => queries.invalidateQueries({ queryKey: [op] })));

async function findCampaign(businessId: number, campaignId: string) {
  try {
    return await client.getCampaign({ businessId, campaignId });
  } catch (error) {
    if (hasReason(error, 'NOT_FOUND')) return null;
    throw error;
  }
}

/** How many campaigns are offered to choose from. */
const OFFERED = 1_000;

type CampaignName = Pick<OutputOf<'GetCampaign'>, 'CampaignId' | 'Name'>;

/** The campaigns of the business by name; none until they are there, or where one may not see them. */
export function useCampaignNames(isWanted: boolean): readonly CampaignName[] {
  const businessId = useBusinessId();
  const { data } = useQuery({
    queryKey: [...opQuery('GetCampaigns', { businessId }).queryKey, 'names'],
    enabled: isWanted,
    queryFn: async () => {
      const names: CampaignName[] = [];
      for await (const one of client.items('getCampaigns', { businessId, Limit: 100 })) {
        if (names.push({ CampaignId: one.CampaignId, Name: one.Name }) >= OFFERED) break;
      }
      return names.sort((a, b) => a.Name.localeCompare(b.Name));
    },
  });
  return data ?? [];
}
