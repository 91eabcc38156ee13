import { linkOptions } from '@tanstack/react-router';

export const conversationLink = (businessId: number, sessionId: string) =>
  linkOptions({ to: '/b/$businessId/conversations/$sessionId', params: { businessId, sessionId } });

export const callLink = (businessId: number, isInbound: boolean, queueId: string) =>
  linkOptions({
    to: isInbound ? '/b/$businessId/inbound/$queueId' : '/b/$businessId/outbound/$queueId',
    params: { businessId, queueId },
  });

export const campaignLink = (businessId: number, campaignId: string) =>
  linkOptions({ to: '/b/$businessId/campaigns/$campaignId', params: { businessId, campaignId } });

export const webhookLink = (businessId: number, webhookId: string) =>
  linkOptions({
    to: '/b/$businessId/settings/webhooks/$webhookId',
    params: { businessId, webhookId },
  });

export const connectionLink = (businessId: number, connectionId: string) =>
  linkOptions({
    to: '/b/$businessId/settings/connections/$connectionId',
    params: { businessId, connectionId },
  });

export const sectionLink = (businessId: number, section: string) =>
  linkOptions({ to: '/b/$businessId/settings/$section', params: { businessId, section } });
