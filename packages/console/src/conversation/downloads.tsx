import { Download } from 'lucide-react';
import { buttonClass } from '../ui/button.tsx';
import { Menu, MenuItem, MenuLabel, MenuLink } from '../ui/menu.tsx';
import { saveFile } from '../ui/save-file.ts';
import { toText, toWebVtt } from './exports.ts';
import type { Conversation } from './timeline.ts';
import type { Recording } from './tracks.ts';

const FORMS = {
  'Text (.txt)': ['txt', 'text/plain', toText],
  'Subtitles (.vtt)': ['vtt', 'text/vtt', toWebVtt],
  'Data (.json)': [
    'json',
    'application/json',
    (conversation: Conversation) => JSON.stringify(conversation, null, 2),
  ],
} as const;

/** Saves the transcript in one of its forms, or a recording. */
export function Downloads({
  conversation,
  recordings,
}: {
  readonly conversation: Conversation;
  readonly recordings: readonly Recording[];
}) {
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" className={buttonClass()}>
          <Download aria-hidden size={14} /> Download
        </button>
      }
    >
      <MenuLabel>Transcript</MenuLabel>
      {Object.entries(FORMS).map(([label, [ending, type, render]]) => (
        <MenuItem
          key={label}
          onSelect={() => saveFile(render(conversation), type, `${conversation.Id}.${ending}`)}
        >
          {label}
        </MenuItem>
      ))}
      {recordings.length > 0 && <MenuLabel>Recording</MenuLabel>}
      {recordings.map(({ id, label, url }) => (
        <MenuLink key={id}>
          <a
            href={url}
            download={fileName(conversation.Id, id, url)}
            target="_blank"
            rel="noreferrer"
          >
            <span dir="auto">{label}</span>
          </a>
        </MenuLink>
      ))}
    </Menu>
  );
}

const fileName = (sessionId: string, id: string, url: string) =>
  `${sessionId}-${id}${/\.\w+$/.exec(new URL(url).pathname)?.[0] ?? ''}`;
