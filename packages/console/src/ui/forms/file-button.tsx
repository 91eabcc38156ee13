import type { ChangeEvent, ReactNode } from 'react';
import { buttonClass } from '../button.tsx';
import { classNames } from '../class-names.ts';

export interface ChosenFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface Props {
  readonly accept: string;
  readonly className?: string;
  readonly children: ReactNode;
  readonly onFile: (file: ChosenFile) => void;
}

export function FileButton({ accept, className, children, onFile }: Props) {
  const choose = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [file] = target.files ?? [];
    if (!file) return;
    onFile({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
    // Allows choosing the same file again after it was corrected.
    target.value = '';
  };
  const focus = 'focus-within:outline-2 focus-within:outline-accent';
  return (
    <label className={classNames(buttonClass(), className, focus)}>
      {children}
      <input type="file" accept={accept} onChange={choose} className="sr-only" />
    </label>
  );
}
