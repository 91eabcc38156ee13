import { Failure } from '../../ui/notice.tsx';
import { formatCount, pluralize } from '../../ui/text/count.ts';
import { type BadNumber, NO_COLUMN, type NumberCheck } from './number-check.ts';

interface CheckedNumbersProps {
  readonly check: NumberCheck;
  readonly isFile: boolean;
}

export function CheckedNumbers({ check, isFile }: CheckedNumbersProps) {
  const { problem, good, bad } = check;
  if (problem === NO_COLUMN && isFile) return null;
  if (problem !== null) return <Failure error={new Error(problem)} />;
  if (isFile && good + bad.length === 0) {
    return <Failure error={new Error('There are no numbers in this file.')} />;
  }
  const others = good === 0 ? '' : `; the ${good === 1 ? 'other is' : 'others are'} added`;
  const title = `${pluralize(bad.length, 'number')} cannot be added${others}:`;
  return (
    <>
      {isFile && good > 0 && bad.length === 0 && (
        <p role="status">{pluralize(good, 'number')} found, no problems.</p>
      )}
      <BadNumbers title={title} bad={bad} />
    </>
  );
}

const MAX_SHOWN = 100;

interface BadNumbersProps {
  readonly title: string;
  readonly bad: readonly BadNumber[];
}

export function BadNumbers({ title, bad }: BadNumbersProps) {
  if (bad.length === 0) return null;
  return (
    <div role="alert" className="rounded-lg bg-warn-soft p-3 text-xs">
      <p className="font-medium">{title}</p>
      <ul aria-label="Invalid numbers" className="mt-1 max-h-48 overflow-y-auto">
        {bad.slice(0, MAX_SHOWN).map(({ line, text, why }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line may have several numbers
          <li key={index} className="py-0.5">
            <strong className="font-medium text-warn">Line {line}:</strong> {why}{' '}
            <bdi className="font-mono break-all text-ink-soft">{text}</bdi>
          </li>
        ))}
        {bad.length > MAX_SHOWN && <li>and {formatCount(bad.length - MAX_SHOWN)} more</li>}
      </ul>
    </div>
  );
}
