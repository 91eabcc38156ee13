import { useQueryClient } from '@tanstack/react-query';
import { opQuery } from '../api/use-op.ts';
import { useBusinessId } from '../app-shell/business.ts';
import { followLink, saveFile, saveText } from '../ui/browser/save-file.ts';
import { MenuItem, MenuLabel } from '../ui/overlays/menu.tsx';
import { toText, toWebVtt } from './exports.ts';
import type { Conversation } from './player/timeline.ts';
import { listRecordings, type Recording } from './player/tracks.ts';

const FORMS = {
  'Text (.txt)': ['txt', 'text/plain', toText],
  'Subtitles (.vtt)': ['vtt', 'text/vtt', toWebVtt],
  'Data (.json)': [
    'json',
    'application/json',
    (conversation: Conversation) => JSON.stringify(conversation, null, 2),
  ],
} as const;

interface Props {
  readonly conversation: Conversation;
  readonly recordings: readonly Recording[];
  readonly onFailure: () => void;
}

export function DownloadItems({ conversation, recordings, onFailure }: Props) {
  const businessId = useBusinessId();
  const queries = useQueryClient();
  /** Gets a new URL, because the URLs that were loaded with the page expire. */
  const saveRecording = async (id: string) => {
    const input = { businessId, sessionId: conversation.Id };
    const now = await queries.fetchQuery(opQuery('GetConversation', input));
    const url = listRecordings(now).find((one) => one.id === id)?.url;
    if (url === undefined) return onFailure();
    const name = fileName(conversation.Id, id, url);
    if (new URL(url).origin === location.origin) return followLink(url, name);
    // Browsers save files of other origins only if fetched, which the bucket may not allow.
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
