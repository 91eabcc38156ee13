import type { OutputOf } from '@colloquy/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from '../../api/client.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { toFormMessage } from '../../ui/forms/number-check.ts';
import type { BadNumber, NumberCheck } from './number-check.ts';

interface Adding {
  readonly check: NumberCheck;
  readonly country: string;
}

interface Added {
  readonly added: number;
  /** Accepted numbers, including those that were already on the list. */
  readonly sent: number;
  readonly refused: readonly BadNumber[];
}

export function useAddNumbers() {
  const businessId = useBusinessId();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ check, country }: Adding): Promise<Added> => {
      const answer = await client.addDoNotCall({
        businessId,
        csv: check.csv,
        ...(country !== '' && { DefaultCountry: country.toUpperCase() }),
      });
      const refused = listRefused(check, answer);
      return { added: answer.Added, sent: check.numbers.length - answer.Rejected.length, refused };
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['GetDoNotCall'] }),
  });
}

/** Numbers that the server rejected and rows that were not sent, by line of the file. */
function listRefused(check: NumberCheck, { Rejected }: OutputOf<'AddDoNotCall'>): BadNumber[] {
  const rejected = Rejected.flatMap(({ Index, Message }) => {
    const cell = check.numbers[Index];
    return cell ? [{ line: cell.line, text: cell.text, why: toFormMessage(Message) }] : [];
  });
  const sent = new Set(check.numbers.map(({ line }) => line));
  return [...rejected, ...check.bad.filter(({ line }) => !sent.has(line))].sort(
    (a, b) => a.line - b.line,
  );
}
