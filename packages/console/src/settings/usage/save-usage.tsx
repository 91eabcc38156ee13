import { writeCsv } from '@colloquy/csv';
import { Download } from 'lucide-react';
import { saveText } from '../../ui/browser/save-file.ts';
import { Button } from '../../ui/button.tsx';
import { type Usage, usageRows } from './usage-text.ts';

interface SaveProps {
  readonly usages: readonly Usage[];
  readonly name: string;
}

export const SaveUsage = ({ usages, name }: SaveProps) => (
  <Button
    icon={Download}
    text="Save as CSV"
    onClick={() => saveText(writeCsv(usageRows(usages)), 'text/csv', `${name}.csv`)}
  />
);
