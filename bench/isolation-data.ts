import { type Client, createClient } from '@colloquy/sdk';
import {
  IBANS_ID,
  ibanTexts,
  LARGE_IDS,
  largeTexts,
  RECORDED_ID,
  SIMULATED_CALLS,
  type Target,
  wholeConversation,
} from './isolation-attacks.ts';
import { longConversation } from './long-conversations.ts';
import { loadCalls } from './many-calls.ts';
import { loadConversations } from './many-conversations.ts';
import { newBusiness } from './queued-calls.ts';
import { API_KEY } from './server-process.ts';
import type { BenchSetup, Business } from './setup.ts';

export interface IsolationData {
  readonly target: Omit<Target, 'port'>;
  readonly probed: Business;
  readonly probedId: string;
}

/** Loads the data of the attacks, and another business with the conversation that the probe reads. */
export async function loadIsolation(setup: BenchSetup): Promise<IsolationData> {
  const { api, database, options, say, server } = setup;
  const { businessId } = await newBusiness(setup, 'Attacker');
  const probed = await newBusiness(setup, 'Probed');
  const probedId = 'probed';
  await put(api, probed.businessId, probedId, longConversation(1));
  say('isolation: loading conversations, calls and large conversations');
  await loadConversations(database.sql, businessId, options.quick ? 20_000 : 200_000);
  await loadCalls(database.sql, businessId, SIMULATED_CALLS);
  for (const id of LARGE_IDS) {
    await put(api, businessId, id, wholeConversation(largeTexts(15), 'messages'));
  }
  await put(api, businessId, IBANS_ID, wholeConversation(ibanTexts(), 'logs'));
  await put(api, businessId, RECORDED_ID, wholeConversation(['Hello'], 'messages'));
  await api.putRedaction({ businessId, Categories: ['CARD', 'IBAN', 'EMAIL', 'PHONE'] });
  const user = await api.createUser({ Email: 'masked@example.com', Name: 'Masked' });
  await api.putMember({ businessId, UserId: user.UserId, Role: 'Viewer' });
  const { Key } = await api.createApiKey({
    UserId: user.UserId,
    Name: 'masked',
    BusinessIds: [businessId],
  });
  // Checks that the content is masked, because the attack needs that.
  const masked = createClient({ baseUrl: server.url, apiKey: Key });
  const { Clients } = await masked.getConversation({ businessId, sessionId: RECORDED_ID });
  if (Clients[0]?.ClientId === 'caller') throw new Error('the masked key gets unmasked content');
  await database.sql.query('VACUUM (ANALYZE)');
  await database.sql.query('CHECKPOINT');
  return { target: { key: API_KEY, maskedKey: Key, businessId }, probed, probedId };
}

async function put(
  api: Client,
  businessId: number,
  sessionId: string,
  body: object,
): Promise<void> {
  await api.putConversation({ businessId, sessionId, ...body } as never);
}
