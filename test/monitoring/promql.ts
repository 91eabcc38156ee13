import { parser } from '@prometheus-io/lezer-promql';

export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}
export interface Query {
  readonly selectors: readonly Selector[];
  /** Of `by` and `without`. */
  readonly grouping: readonly string[];
}

/** Variables of Grafana, which are no PromQL. */
const VARIABLES: Readonly<Record<string, string>> = {
  $__rate_interval: '5m',
  $job: '.*',
  $instance: '.*',
};

/** What a query of Prometheus names. Error if it is not valid PromQL. */
export function parseQuery(given: string): Query {
  const text = given.replace(/\$\w+/g, (name) => VARIABLES[name] ?? name);
  const selectors: { metric: string; matchers: Matcher[] }[] = [];
  const grouping: string[] = [];
  parser.parse(text).iterate({
    enter({ type, node, from, to }) {
      if (type.isError)
        throw new Error(`"${text}" is no PromQL: see ${text.slice(from, from + 20)}`);
      const part = text.slice(from, to);
      if (type.name === 'VectorSelector') selectors.push({ metric: '', matchers: [] });
      const selector = selectors.at(-1);
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector' && selector) {
        selector.metric = part;
      }
      if (type.name === 'UnquotedLabelMatcher') {
        const [, label = '', operator = '', value = ''] =
          /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(part) ?? [];
        selector?.matchers.push({ label, operator, value });
      }
      if (type.name === 'LabelName' && node.parent?.name === 'GroupingLabels') grouping.push(part);
    },
  });
  return { selectors, grouping };
}
