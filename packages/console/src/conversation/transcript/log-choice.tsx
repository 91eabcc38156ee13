import { useState } from 'react';
import { type StoredSetting, useLocalStorage } from '../../ui/browser/use-local-storage.ts';
import { SELECT } from '../../ui/forms/select.ts';

const LOG_CHOICES = {
  none: 'No logs',
  Warning: 'Warnings',
  Info: 'Info and above',
  Trace: 'All logs',
};
/** The lowest level of the logs that are shown. */
export type LogChoice = keyof typeof LOG_CHOICES;
const SHOWN_LOGS: StoredSetting<LogChoice> = {
  key: 'conversation.logs',
  initial: 'none',
  isValid: (value): value is LogChoice => typeof value === 'string' && value in LOG_CHOICES,
};

/** The choice of this browser; all logs if there are no messages and nothing else was chosen. */
export function useLogChoice(hasMessages: boolean): [LogChoice, (choice: LogChoice) => void] {
  const [stored, setStored] = useLocalStorage(SHOWN_LOGS);
  const [chosen, setChosen] = useState<LogChoice | null>(null);
  const choose = (choice: LogChoice) => {
    setChosen(choice);
    setStored(choice);
  };
  return [chosen ?? (!hasMessages && stored === 'none' ? 'Trace' : stored), choose];
}

export function LogSelect({
  choice,
  onChoose,
}: {
  readonly choice: LogChoice;
  readonly onChoose: (choice: LogChoice) => void;
}) {
  return (
    <label className="flex items-center gap-1.5 text-ink-soft">
      <span className="sr-only">Logs</span>
      <select
        value={choice}
        onChange={({ target }) => onChoose(target.value as LogChoice)}
        className={SELECT}
      >
        {Object.entries(LOG_CHOICES).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
