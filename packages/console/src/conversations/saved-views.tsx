import { Bookmark, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useBusinessId } from '../app-shell/business.ts';
import { useSession } from '../session/session.ts';
import { type StoredSetting, useLocalStorage } from '../ui/browser/use-local-storage.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { type Edits, INPUT } from '../ui/forms/field.tsx';
import { Form } from '../ui/forms/form.tsx';
import { Popover } from '../ui/overlays/popover.tsx';
import {
  type ConversationsSearch,
  FILTER_KEYS,
  hasFilter,
  parseConversationsSearch,
} from './search.ts';

interface View {
  readonly name: string;
  readonly search: ConversationsSearch;
}

const viewsOf = (businessId: number, userId: string): StoredSetting<readonly View[]> => ({
  key: `conversations.views.${businessId}.${userId}`,
  initial: [],
  isValid: (value): value is readonly View[] =>
    Array.isArray(value) && value.every((view) => typeof view?.name === 'string'),
});

/** Named filters, stored in this browser per user. Links share them. */
export function SavedViews({ search, onChange }: Edits<'search', ConversationsSearch>) {
  const businessId = useBusinessId();
  const [views, setViews] = useLocalStorage(viewsOf(businessId, useSession().User.UserId));
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState('');
  const save = () => {
    const filters = Object.fromEntries(FILTER_KEYS.map((key) => [key, search[key]]));
    const others = views.filter((view) => view.name !== name);
    setViews([...others, { name, search: filters }]);
    setName('');
  };
  return (
    <Popover
      label="Saved views"
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={<Button icon={Bookmark}>Saved views</Button>}
    >
      {views.length === 0 && (
        <p className="text-ink-soft">Filter the list, then save the filters here under a name.</p>
      )}
      <ul>
        {views.map((view) => (
          <li key={view.name} className="flex items-center gap-1">
            <button
              type="button"
              className="min-w-0 flex-1 truncate rounded px-2 py-1.5 text-start hover:bg-accent-soft"
              onClick={() => {
                onChange({ ...parseConversationsSearch({ ...view.search }), size: search.size });
                setOpen(false);
              }}
            >
              {view.name}
            </button>
            <IconButton
              label={`Remove the view ${view.name}`}
              icon={Trash2}
              iconSize={14}
              onClick={() => setViews(views.filter((one) => one !== view))}
            />
          </li>
        ))}
      </ul>
      <Form onSubmit={save} className="mt-2 flex gap-2 border-t border-line pt-3">
        <input
          className={INPUT}
          value={name}
          onChange={({ target }) => setName(target.value)}
          placeholder={hasFilter(search) ? 'Name of this view' : 'Set a filter first'}
          aria-label="Name of this view"
          disabled={!hasFilter(search)}
          maxLength={80}
          required
        />
        <Button text="Save" type="submit" disabled={!hasFilter(search)} className="h-9" />
      </Form>
    </Popover>
  );
}
