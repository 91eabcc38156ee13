import { useState } from 'react';
import { type StoredSetting, useLocalStorage } from '../../ui/browser/use-local-storage.ts';
import { InlineSelect } from '../../ui/forms/field.tsx';

const LOG_CHOICES = {
  none: 'No logs',
  Warning: 'Warnings',
  Info: 'Info and above',
  Trace: 'All logs',
};
export type LogChoice = keyof typeof LOG_CHOICES;
const SHOWN_LOGS: StoredSetting<LogChoice> = {
  key: 'conversation.logs',
  initial: 'none',
  isValid: (value): value is LogChoice => typeof value === 'string' && value in LOG_CHOICES,
};

export function useLogChoice(hasMessages: boolean): [LogChoice, (choice: LogChoice) => void] {
  const [stored, setStored] = useLocalStorage(SHOWN_LOGS);
  const [chosen, setChosen] = useState<LogChoice | null>(null);
  const choose = (choice: LogChoice) => {
    setChosen(choice);
    setStored(choice);
  };
  return [chosen ?? (!hasMessages && stored === 'none' ? 'Trace' : stored), choose];
}

interface Props {
  readonly choice: LogChoice;
  readonly onChoose: (choice: LogChoice) => void;
}

export function LogSelect({ choice, onChoose }: Props) {
  return (
    <InlineSelect
      label="Logs"
      isLabelHidden
      value={choice}
      of={Object.entries(LOG_CHOICES)}
      onText={(text) => onChoose(text as LogChoice)}
    />
  );
}
