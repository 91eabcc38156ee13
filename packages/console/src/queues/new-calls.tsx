import { Tabs } from 'radix-ui';
import { Dialog } from '../ui/dialog.tsx';
import { TAB } from '../ui/tab.ts';
import { CsvForm } from './csv-form.tsx';
import { SingleCallForm } from './single-call-form.tsx';

/** Puts calls into the queue: one by a form, or many as rows of a file. */
export function NewCalls({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="New calls" isOpen isWide onClose={onClose}>
      <Tabs.Root defaultValue="one">
        <Tabs.List aria-label="How many" className="mb-4 flex gap-1">
          <Tabs.Trigger value="one" className={TAB}>
            One call
          </Tabs.Trigger>
          <Tabs.Trigger value="csv" className={TAB}>
            Many, from a CSV file
          </Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="one">
          <SingleCallForm onClose={onClose} />
        </Tabs.Content>
        <Tabs.Content value="csv">
          <CsvForm onClose={onClose} />
        </Tabs.Content>
      </Tabs.Root>
    </Dialog>
  );
}
