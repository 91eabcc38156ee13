import type { OutputOf } from '@colloquy/sdk';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { client } from '../../api/client.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Card } from '../../ui/page.tsx';
import { formatCount } from '../../ui/text/count.ts';
import { useNow } from '../../ui/text/time.tsx';
import {
  DAYS_KEYS,
  type DaysKey,
  KEEP_EVERYTHING,
  PART_LABELS,
  type Rule,
  toSearch,
} from './retention-rules.ts';

type Counts = OutputOf<'PreviewRetention'>['Now'];

export interface Preview {
  readonly rules: readonly Rule[];
  readonly all: OutputOf<'PreviewRetention'>;
  /** What each rule would delete now; null for a single rule or too many rules to count each. */
  readonly byRule: readonly Counts[] | null;
}

const MAX_COUNTED = 10;
const COUNTED = {
  RecordingDays: 'Recordings',
  TranscriptDays: 'Transcripts',
  LogDays: 'Logs',
  RecordDays: 'Records',
} as const satisfies Record<DaysKey, keyof Counts>;

export const deletesAnything = (counts: Counts): boolean =>
  Object.values(counts).some((count) => count > 0);

/** Counts for all rules together, and for each while the others keep everything. */
export function usePreview() {
  const businessId = useBusinessId();
  const count = (rules: readonly Rule[]) =>
    client.previewRetention({ businessId, Rules: [...rules] });
  return useMutation({
    mutationFn: async (rules: readonly Rule[]): Promise<Preview> => {
      const all = await count(rules);
      const isCountedByRule =
        rules.length > 1 && rules.length <= MAX_COUNTED && deletesAnything(all.Now);
      if (!isCountedByRule) return { rules, all, byRule: null };
      const byRule: Counts[] = [];
      // Sequentially, because each preview scans all conversations.
      for (const counted of rules) {
        const { Now } = await count(
          rules.map((rule) => (rule === counted ? rule : keepEverything(rule))),
        );
        byRule.push(Now);
      }
      return { rules, all, byRule };
    },
  });
}

const keepEverything = ({ Name, Match }: Rule): Rule => ({ Name, Match, ...KEEP_EVERYTHING });

/** What is deleted now and later, with links to lists if the list can filter by it. */
export function PreviewTables({ preview: { rules, all, byRule } }: { readonly preview: Preview }) {
  const only = rules.length === 1 ? 0 : null;
  return (
    <Card title="What these rules delete" lead={heldText(all.Held)}>
      <div className="grid grid-cols-1 gap-x-8 gap-y-5 overflow-x-auto lg:grid-cols-2">
        <table className="w-full self-start">
          <caption className="pb-1 text-start font-medium">All rules together</caption>
          <thead>
            <tr className="text-xs text-ink-faint">
              <th scope="col" className="py-1.5 text-start font-medium">
                What
              </th>
              <th scope="col" className="ps-3 text-end font-medium">
                Now
              </th>
              <th scope="col" className="ps-3 text-end font-medium">
                Next 30 days
              </th>
            </tr>
          </thead>
          <tbody>
            {DAYS_KEYS.map((key) => (
              <tr key={key} className="border-t border-line">
                <th scope="row" className="py-1.5 text-start font-normal">
                  {PART_LABELS[key]}
                </th>
                <td className="ps-3 text-end">
                  <Count count={all.Now[COUNTED[key]]} rules={rules} at={only} daysKey={key} />
                </td>
                <td className="ps-3 text-end tabular">
                  {formatCount(all.Next30Days[COUNTED[key]])}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {byRule && (
          <table className="w-full self-start">
            <caption className="pb-1 text-start font-medium">Now, by rule</caption>
            <thead>
              <tr className="text-xs text-ink-faint">
                <th scope="col" className="py-1.5 text-start font-medium">
                  Rule
                </th>
                {DAYS_KEYS.map((key) => (
                  <th key={key} scope="col" className="ps-1.5 text-end sm:ps-2 font-medium">
                    {key === 'RecordDays' ? 'Whole' : PART_LABELS[key]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {byRule.map((counts, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rules are identified by their place
                <tr key={at} className="border-t border-line">
                  <th
                    scope="row"
                    className="max-w-14 truncate py-1.5 sm:max-w-24 text-start font-normal"
                    dir="auto"
                  >
                    {rules[at]?.Name}
                  </th>
                  {DAYS_KEYS.map((key) => (
                    <td key={key} className="ps-1.5 text-end sm:ps-2">
                      <Count count={counts[COUNTED[key]]} rules={rules} at={at} daysKey={key} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      <p className="mt-3 text-xs text-ink-faint">
        A conversation that is deleted whole also counts with its recordings, transcript and logs.
        Linked numbers lead to the conversations of their rule, by start time.
      </p>
    </Card>
  );
}

function heldText(held: number): string | undefined {
  if (held === 0) return undefined;
  return held === 1
    ? 'One conversation is not affected because it is under legal hold.'
    : `${formatCount(held)} conversations are not affected because they are under legal hold.`;
}

interface Props {
  readonly count: number;
  readonly rules: readonly Rule[];
  readonly at: number | null;
  readonly daysKey: DaysKey;
}

function Count({ count, rules, at, daysKey }: Props) {
  const businessId = useBusinessId();
  const now = useNow();
  const search = count > 0 && at !== null ? toSearch(rules, at, daysKey, now) : null;
  const text = formatCount(count);
  if (search === null) return <span className="tabular">{text}</span>;
  return (
    <Link
      to="/b/$businessId/conversations"
      params={{ businessId }}
      search={search}
      className="inline-block min-h-6 min-w-6 text-accent underline underline-offset-2 tabular"
      aria-label={`${text} ${PART_LABELS[daysKey].toLowerCase()}: see the conversations`}
    >
      {text}
    </Link>
  );
}
