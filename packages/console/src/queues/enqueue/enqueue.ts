import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { client } from '../../api/client.ts';

const CHANGED = [
  'GetOutboundQueues',
  'CountOutboundQueues',
  'GetCampaigns',
  'SimulateOutboundQueue',
] as const;
type Input = Parameters<typeof client.initiateCall>[0];

/**
 * Puts calls into the queue. What is sent again as it was, since the answer was lost, is known by its
 * key, and not taken twice.
 */
export function useEnqueue() {
  const queries = useQueryClient();
  const sent = useRef<{ readonly csv: unknown; readonly text: string; readonly key: string }>(null);
  return useMutation({
    mutationFn: (input: Input) => {
      const { csv = null, ...others } = input;
      const text = JSON.stringify(others);
      if (sent.current?.csv !== csv || sent.current.text !== text) {
        sent.current = { csv, text, key: newKey() };
      }
      return client.initiateCall(input, { idempotencyKey: sent.current.key });
    },
    onSuccess: () => {
      // Whoever has put in a call goes on at once; the lists follow.
      for (const op of CHANGED) void queries.invalidateQueries({ queryKey: [op] });
    },
  });
}

/** Also where the page came without TLS, to which a browser gives no `randomUUID`. */
const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
