import { Tabs } from 'radix-ui';
import { useState } from 'react';
import { TAB } from '../../ui/browser/tab.ts';
import type { ChosenFile } from '../../ui/forms/file-button.tsx';
import { Confirm } from '../../ui/overlays/confirm.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { CsvForm } from './csv-form.tsx';
import { SingleCallForm } from './single-call-form.tsx';

export function NewCalls({ onClose }: { readonly onClose: () => void }) {
  const [file, setFile] = useState<ChosenFile | null>(null);
  const [isSent, setSent] = useState(false);
  const [isConfirming, setConfirming] = useState(false);
  const close = () => (file && !isSent ? setConfirming(true) : onClose());
  return (
    <>
      <Dialog title="New calls" isOpen isWide onClose={close}>
        <Tabs.Root defaultValue="one">
          <Tabs.List aria-label="How many" className="mb-4 flex flex-wrap gap-1">
            <Tabs.Trigger value="one" className={TAB} disabled={isSent}>
              One call
            </Tabs.Trigger>
            <Tabs.Trigger value="csv" className={TAB}>
              Many, from a CSV file
            </Tabs.Trigger>
          </Tabs.List>
          <Tabs.Content value="one">
            <SingleCallForm onCancel={close} onClose={onClose} />
          </Tabs.Content>
          <Tabs.Content value="csv">
            <CsvForm file={file} onFile={setFile} onSent={() => setSent(true)} onClose={close} />
          </Tabs.Content>
        </Tabs.Root>
      </Dialog>
      <Confirm
        title="Close without adding the calls?"
        action="Discard"
        dismiss="Keep editing"
        isOpen={isConfirming}
        onConfirm={onClose}
        onClose={() => setConfirming(false)}
      >
        Nothing of {file?.name} has been added to the queue yet.
      </Confirm>
    </>
  );
}
