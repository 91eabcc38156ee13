import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { client } from '../../api/client.ts';
import { refreshReads } from '../../api/use-op.ts';

const READS_TO_REFRESH = [
  'GetOutboundQueues',
  'CountOutboundQueues',
  'GetCampaigns',
  'SimulateOutboundQueue',
] as const;
type Input = Parameters<typeof client.initiateCall>[0];

/** Repeating an unchanged request after a lost answer uses the same idempotency key. */
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
    // Not awaited: the result is shown at once.
    onSuccess: () => void refreshReads(queries, READS_TO_REFRESH),
  });
}

/** `crypto.randomUUID` needs TLS, which the console may not have. */
const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
