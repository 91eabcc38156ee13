import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import type { ReactNode } from 'react';
import { useBusinessId } from '../app-shell/business.ts';
import { conversationLink } from '../app-shell/links.ts';
import { toggled } from '../ui/forms/check.tsx';
import { AGES, type ConversationsSearch, LISTS, type ListName, namesOf } from './search.ts';

const ID = /^(?=.*[\d_:-])[A-Za-z0-9_.:-]{3,128}$/;

interface Props {
  readonly search: ConversationsSearch;
  readonly text: string;
  readonly onChoose: (change: Partial<ConversationsSearch>) => void;
  readonly onRange: () => void;
}

export function FilterOptions({ search, text, onChoose, onRange }: Props) {
  const toggle = (list: ListName, name: string) => {
    onChoose({ [list]: toggled(namesOf(list, search[list]), name).join(',') || undefined });
  };
  const id = text.trim();
  return (
    <>
      <Command.Empty className="px-2 py-3 text-ink-faint">
        No matching filter. Names, phone numbers and transcripts can't be searched: filter by start
        time, status, type, outcome or duration, or paste the id of a conversation.
      </Command.Empty>
      <OptionGroup heading="Started">
        {Object.entries(AGES).map(([age, label]) => (
          <Option
            key={age}
            value={`started ${label}`}
            onSelect={() => onChoose({ started: age, from: undefined, to: undefined })}
          >
            {label}
          </Option>
        ))}
        <Option value="started between two times from to custom range" onSelect={onRange}>
          Custom range…
        </Option>
      </OptionGroup>
      {(Object.keys(LISTS) as ListName[]).map((list) => (
        <OptionGroup key={list} heading={LISTS[list].label}>
          {LISTS[list].names.map((name) => (
            <Option
              key={name}
              value={`${LISTS[list].label} ${LISTS[list].text(name)} ${name}`}
              isChosen={namesOf(list, search[list]).includes(name)}
              onSelect={() => toggle(list, name)}
            >
              {LISTS[list].text(name)}
            </Option>
          ))}
        </OptionGroup>
      ))}
      {ID.test(id) && <OpenOption id={id} />}
    </>
  );
}

function OpenOption({ id }: { readonly id: string }) {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  return (
    <OptionGroup heading="Conversation">
      <Option value={`open ${id}`} onSelect={() => void navigate(conversationLink(businessId, id))}>
        Open <span className="font-mono text-xs break-all">{id}</span>
      </Option>
    </OptionGroup>
  );
}

interface OptionGroupProps {
  readonly heading: string;
  readonly children: ReactNode;
}

function OptionGroup({ heading, children }: OptionGroupProps) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-faint"
    >
      {children}
    </Command.Group>
  );
}

interface OptionProps {
  readonly value: string;
  readonly children: ReactNode;
  readonly isChosen?: boolean;
  readonly onSelect: () => void;
}

function Option({ value, children, isChosen = false, onSelect }: OptionProps) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex cursor-pointer items-center gap-2 rounded px-2 py-1.5 data-[selected=true]:bg-accent-soft"
    >
      {children}
      {isChosen && <span className="ms-auto text-xs text-ink-faint">selected</span>}
    </Command.Item>
  );
}
