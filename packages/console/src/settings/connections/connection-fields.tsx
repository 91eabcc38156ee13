import { SOURCE_SETTINGS } from '@colloquy/wire';
import { Dices } from 'lucide-react';
import { Button } from '../../ui/button.tsx';
import { type Edits, Field, Options, SelectField } from '../../ui/forms/field.tsx';
import type { Texts } from './connection.ts';
import { optionValueText, optionWords, type SourceName, secretWords } from './sources.ts';

const MIN_SECRET_LENGTH = 16;
const GENERATED_BYTES = 32;

type SecretFieldsProps = Edits<'secrets', Texts> & { readonly source: SourceName };

export function SecretFields({ source, secrets, onChange }: SecretFieldsProps) {
  return SOURCE_SETTINGS[source].secrets.map((name) => {
    const { label, hint, isOwn = false } = secretWords(source, name);
    const set = (value: string) => onChange({ ...secrets, [name]: value });
    return (
      <div key={name} className="flex flex-wrap items-start gap-2">
        <div className="min-w-0 flex-1 basis-64">
          <Field
            label={label}
            type={isOwn ? 'text' : 'password'}
            dir="ltr"
            autoComplete={isOwn ? 'off' : 'new-password'}
            spellCheck={false}
            className="font-mono text-xs"
            value={secrets[name] ?? ''}
            onText={set}
            hint={hint}
            minLength={isOwn ? MIN_SECRET_LENGTH : undefined}
            maxLength={4096}
            required
          />
        </div>
        {isOwn && (
          <Button
            icon={Dices}
            text="Generate"
            className="mt-6 h-9"
            onClick={() => set(generateSecret())}
          />
        )}
      </div>
    );
  });
}

function generateSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(GENERATED_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

type OptionFieldsProps = Edits<'options', Texts> & { readonly source: SourceName };

export function OptionFields({ source, options, onChange }: OptionFieldsProps) {
  return Object.entries(SOURCE_SETTINGS[source].options).map(([name, values]) => {
    const { label, hint } = optionWords(source, name);
    return (
      <SelectField
        key={name}
        label={label}
        hint={hint}
        value={options[name] ?? values[0]}
        onText={(value) => onChange({ ...options, [name]: value })}
      >
        <Options of={values.map((value) => [value, optionValueText(source, name, value)])} />
      </SelectField>
    );
  });
}

/** What a form gives to the API: texts without spaces around them, such as those of a copied key. */
export const trimmed = (texts: Texts): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.trim()]));
