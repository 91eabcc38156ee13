import {
  ChartNoAxesCombined,
  type LucideIcon,
  Megaphone,
  MessagesSquare,
  PhoneIncoming,
  PhoneOutgoing,
  Settings,
} from 'lucide-react';

export const PLACES = [
  { label: 'Overview', icon: ChartNoAxesCombined, to: '/b/$businessId/overview', keys: 'g o' },
  { label: 'Conversations', icon: MessagesSquare, to: '/b/$businessId/conversations', keys: 'g c' },
  { label: 'Outbound calls', icon: PhoneOutgoing, to: '/b/$businessId/outbound', keys: 'g q' },
  { label: 'Inbound calls', icon: PhoneIncoming, to: '/b/$businessId/inbound', keys: 'g i' },
  { label: 'Campaigns', icon: Megaphone, to: '/b/$businessId/campaigns', keys: 'g p' },
  { label: 'Settings', icon: Settings, to: '/b/$businessId/settings', keys: 'g s' },
] as const satisfies readonly { label: string; icon: LucideIcon; to: string; keys: string }[];
