import { outcomeText } from '../conversations/facts.ts';
import { Check, toggled } from '../ui/forms/check.tsx';

interface Props {
  readonly label: string;
  readonly names: readonly string[];
  readonly chosen: readonly string[];
  readonly onChange: (names: readonly string[]) => void;
}

export function NameBoxes({ label, names, chosen, onChange }: Props) {
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{label}</legend>
      <div className="flex flex-wrap gap-x-4">
        {names.map((name) => (
          <Check
            key={name}
            layout="flex min-h-7 items-center gap-1.5"
            checked={chosen.includes(name)}
            onCheck={() => onChange(toggled(chosen, name))}
          >
            {outcomeText(name)}
          </Check>
        ))}
      </div>
    </fieldset>
  );
}
