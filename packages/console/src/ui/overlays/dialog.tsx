import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type ReactNode, useRef } from 'react';
import { IconButton } from '../button.tsx';
import { classNames } from '../class-names.ts';

interface DialogProps {
  readonly title: string;
  readonly description?: ReactNode;
  readonly children: ReactNode;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly isWide?: boolean;
  /** Stays visible below the scrolling content. */
  readonly footer?: ReactNode;
  /** Shows something only once: only a button among its children closes it. */
  readonly isHeld?: boolean;
}

/** The focus starts at the first field, or at the dialog itself, which reads out the title. */
export function Dialog(props: DialogProps) {
  const { title, description, children, isOpen, onClose, isWide, footer, isHeld = false } = props;
  const opener = useRef<Element | null>(null);
  const stay = (event: Event) => isHeld && event.preventDefault();
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => open || onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/45 animate-appear" />
        <Radix.Content
          onEscapeKeyDown={stay}
          onInteractOutside={stay}
          onOpenAutoFocus={(event) => {
            opener.current = openerOf(document.activeElement);
            event.preventDefault();
            const content = event.currentTarget as HTMLElement;
            (firstFieldOf(content) ?? content).focus();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (opener.current instanceof HTMLElement) opener.current.focus();
          }}
          {...(description === undefined && { 'aria-describedby': undefined })}
          className={classNames(
            'fixed z-50 inset-x-3 top-[8vh] mx-auto flex max-h-[84vh] flex-col overflow-hidden rounded-xl border border-line bg-raised shadow-2xl animate-appear focus:outline-none',
            isWide ? 'max-w-3xl' : 'max-w-lg',
          )}
        >
          <div className="min-h-0 overflow-y-auto p-5">
            <div className="mb-3 flex items-start gap-3">
              <div className="min-w-0 flex-1">
                <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
                {description !== undefined && (
                  <Radix.Description asChild>
                    <div className="mt-1 text-ink-soft">{description}</div>
                  </Radix.Description>
                )}
              </div>
              {!isHeld && (
                <Radix.Close asChild>
                  <IconButton label="Close" icon={X} />
                </Radix.Close>
              )}
            </div>
            {children}
          </div>
          {footer !== undefined && (
            <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">
              {footer}
            </div>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const FIELDS = 'input:not([type=hidden], [type=radio]:not(:checked)), select, textarea';

const firstFieldOf = (content: HTMLElement): HTMLElement | undefined =>
  [...content.querySelectorAll<HTMLElement>(FIELDS)].find(
    (field) => field.matches(':enabled:not([readonly])') && field.checkVisibility(),
  );

/** The focused element or, if it is in a menu, which closes, the menu's trigger. */
function openerOf(focused: Element | null): Element | null {
  const menu = focused?.closest('[role=menu]');
  return menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : focused;
}
