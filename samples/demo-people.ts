import type { VoiceName } from './flite-voice.ts';

export interface DemoAgent {
  id: string;
  name: string;
  type: 'AI' | 'Human';
  voice: VoiceName;
  scenario: string;
}

export interface DemoClient {
  id: string;
  name: string;
  /** Reserved for fiction: +1, an area code, 555-0100 to 555-0199. */
  phoneNumber: string;
  voice: VoiceName;
}

export const COMPANY = 'Larkspur';

const AI = 'AI' as const;

const AGENTS: [agent: DemoAgent, services: string[]][] = [
  [
    { id: 'agent_nora', name: 'Nora', type: AI, voice: 'slt', scenario: 'Restaurant reservation' },
    ['Restaurants_1'],
  ],
  [
    { id: 'agent_ivy', name: 'Ivy', type: AI, voice: 'slt', scenario: 'Appointment' },
    // Services_2 and Services_3 are excluded because they rate real doctors by name.
    ['Services_1'],
  ],
  [
    { id: 'agent_marcus', name: 'Marcus', type: AI, voice: 'rms', scenario: 'Bank account' },
    ['Banks_1'],
  ],
  [
    { id: 'agent_theo', name: 'Theo', type: AI, voice: 'rms', scenario: 'Trip booking' },
    ['Flights_1', 'Flights_2', 'Buses_1', 'Buses_2', 'Hotels_1', 'Hotels_3', 'RentalCars_1'],
  ],
  [
    { id: 'agent_leo', name: 'Leo', type: AI, voice: 'rms', scenario: 'Ride' },
    ['RideSharing_1', 'RideSharing_2'],
  ],
  [
    { id: 'agent_ruby', name: 'Ruby', type: AI, voice: 'slt', scenario: 'Event tickets' },
    ['Events_1', 'Events_2', 'Movies_1'],
  ],
  [
    { id: 'agent_grace', name: 'Grace', type: AI, voice: 'slt', scenario: 'Apartment viewing' },
    ['Homes_1'],
  ],
];

export const COFFEE_AGENT: DemoAgent = {
  id: 'agent_remy',
  name: 'Remy',
  type: AI,
  voice: 'rms',
  scenario: 'Coffee order',
};

export const DOCTOR: DemoAgent = {
  id: 'agent_duty_doctor',
  name: 'Duty doctor',
  type: 'Human',
  voice: 'rms',
  scenario: 'Mock GP consultation',
};

/** The person to whom AI agents transfer calls; the only one with flite's third voice. */
export const COLLEAGUE: DemoAgent = {
  id: 'agent_callum',
  name: 'Callum',
  type: 'Human',
  voice: 'awb',
  scenario: 'Service desk',
};

const WOMEN = [
  'Alma Reyes',
  'Beatrice Lowe',
  'Chiara Novak',
  'Dalia Haddad',
  'Esther Mbeki',
  'Freya Lindqvist',
  'Greta Holm',
  'Hana Sato',
  'Imogen Clarke',
  'Jun Park',
  'Keisha Monroe',
  'Lucia Ferrari',
];
const MEN = [
  'Adrian Cole',
  'Bruno Keller',
  'Cyrus Amini',
  'Desmond Okafor',
  'Elias Brandt',
  'Felix Moreau',
  'Gideon Shaw',
  'Hector Alvarez',
  'Ivan Petrov',
  'Jonas Weber',
  'Kofi Mensah',
  'Liam Doyle',
];
const AREA_CODES = ['202', '303', '312', '415', '503', '617'];

export const SERVICES: string[] = AGENTS.flatMap(([, services]) => services);

export function agentFor(service: string): DemoAgent {
  const found = AGENTS.find(([, services]) => services.includes(service));
  if (!found) throw new RangeError(`No demo agent takes calls about ${service}.`);
  return found[0];
}

export function clientsFor(agent: DemoAgent): DemoClient[] {
  return agent.voice === 'slt' ? people(MEN, 'rms', 120) : people(WOMEN, 'slt', 160);
}

function people(names: string[], voice: VoiceName, firstNumber: number): DemoClient[] {
  return names.map((name, index) => ({
    id: `client_${name.toLowerCase().replace(' ', '_')}`,
    name,
    phoneNumber: `+1${AREA_CODES[index % AREA_CODES.length]}5550${firstNumber + index}`,
    voice,
  }));
}
