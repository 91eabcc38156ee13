import { useQueryClient } from '@tanstack/react-query';
import { opQuery } from '../api/use-op.ts';
import { useBusinessId } from '../app-shell/business.ts';
import { followLink, saveFile, saveText } from '../ui/browser/save-file.ts';
import { MenuItem, MenuLabel } from '../ui/overlays/menu.tsx';
import { toText, toWebVtt } from './exports.ts';
import type { Conversation } from './player/timeline.ts';
import { type Recording, recordingsOf } from './player/tracks.ts';

const FORMS = {
  'Text (.txt)': ['txt', 'text/plain', toText],
  'Subtitles (.vtt)': ['vtt', 'text/vtt', toWebVtt],
  'Data (.json)': [
    'json',
    'application/json',
    (conversation: Conversation) => JSON.stringify(conversation, null, 2),
  ],
} as const;

/** The items of a menu that save the transcript in one of its forms, or a recording. */
export function DownloadItems({
  conversation,
  recordings,
  onFailure,
}: {
  readonly conversation: Conversation;
  readonly recordings: readonly Recording[];
  /** A recording could not be saved. */
  readonly onFailure: () => void;
}) {
  const businessId = useBusinessId();
  const queries = useQueryClient();
  /** At an address of now: those that were read with the page run out. */
  const saveRecording = async (id: string) => {
    const input = { businessId, sessionId: conversation.Id };
    const now = await queries.fetchQuery(opQuery('GetConversation', input));
    const url = recordingsOf(now).find((one) => one.id === id)?.url;
    if (url === undefined) return onFailure();
    const name = fileName(conversation.Id, id, url);
    if (new URL(url).origin === location.origin) return followLink(url, name);
    // Browsers save what another host has only where the page has read it, and the bucket may not let it.
    const audio = await fetch(url)
      .then((answer) => (answer.ok ? answer.blob() : null))
      .catch(() => null);
    if (audio) saveFile(audio, name);
    else followLink(url, name);
  };
  return (
    <>
      <MenuLabel>Download transcript</MenuLabel>
      {Object.entries(FORMS).map(([label, [ending, type, render]]) => (
        <MenuItem
          key={label}
          onSelect={() => saveText(render(conversation), type, `${conversation.Id}.${ending}`)}
        >
          {label}
        </MenuItem>
      ))}
      {recordings.length > 0 && <MenuLabel>Download recording</MenuLabel>}
      {recordings.map(({ id, label }) => (
        <MenuItem key={id} onSelect={() => void saveRecording(id).catch(onFailure)}>
          <span dir="auto">{label}</span>
        </MenuItem>
      ))}
    </>
  );
}

const fileName = (sessionId: string, id: string, url: string) =>
  `${sessionId}-${id}${/\.\w+$/.exec(new URL(url).pathname)?.[0] ?? ''}`;
