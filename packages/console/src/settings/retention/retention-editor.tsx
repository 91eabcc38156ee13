import { MAX_RETENTION_RULES } from '@colloquy/wire';
import { useBlocker } from '@tanstack/react-router';
import { Hourglass, Plus } from 'lucide-react';
import { useState } from 'react';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId } from '../../app-shell/business.ts';
import { Button } from '../../ui/button.tsx';
import { Empty, Failure } from '../../ui/notice.tsx';
import { Confirm } from '../../ui/overlays/confirm.tsx';
import { Card } from '../../ui/page.tsx';
import { deletesAnything, PreviewTables, usePreview } from './retention-preview.tsx';
import { type Draft, findFlaws, newDraft, type Rule, toDraft, toRule } from './retention-rules.ts';
import { RuleEditor } from './rule-editor.tsx';

interface Props {
  readonly rules: readonly Rule[];
  readonly mayChange: boolean;
}

export function RetentionEditor({ rules, mayChange }: Props) {
  const businessId = useBusinessId();
  const editor = useDrafts(rules);
  const { drafts, wanted, isSame, preview, seen, setOpenKey } = editor;
  const [isConfirming, setConfirming] = useState(false);
  const put = useChange('PutRetention', ['GetRetention', 'GetAudit']);
  const save = () => {
    if (!wanted) return;
    put.mutate(
      { businessId, Rules: wanted },
      {
        onSuccess: () => {
          setConfirming(false);
          setOpenKey(null);
          preview.reset();
        },
      },
    );
  };
  return (
    <>
      <Card
        title="Rules"
        lead="The first rule that matches a conversation applies. Without a matching rule it is kept forever."
        actions={
          mayChange && (
            <Button
              icon={Plus}
              onClick={editor.add}
              disabled={drafts.length >= MAX_RETENTION_RULES}
            >
              Add a rule
            </Button>
          )
        }
      >
        {drafts.length === 0 && (
          <Empty icon={Hourglass} title="Everything is kept forever">
            {mayChange &&
              'Add a rule to delete recordings, transcripts, logs or whole conversations after some time.'}
          </Empty>
        )}
        <RuleList editor={editor} mayChange={mayChange} />
        {!(isSame && drafts.length === 0) && (
          <SaveBar
            mayChange={mayChange}
            isSame={isSame}
            isComplete={wanted !== null}
            isSeen={seen !== null}
            isSaved={put.isSuccess}
            isPreviewing={preview.isPending}
            isSaving={put.isPending}
            onPreview={() => wanted && preview.mutate(wanted)}
            onSave={() => (seen && deletesAnything(seen.all.Now) ? setConfirming(true) : save())}
            onDiscard={editor.discard}
          />
        )}
        {preview.error && <Failure error={preview.error} />}
        {put.error && !isConfirming && <Failure error={put.error} />}
      </Card>
      {seen && <PreviewTables preview={seen} />}
      <Confirm
        title="Save these rules?"
        action="Save and delete"
        isOpen={isConfirming}
        change={put}
        onConfirm={save}
        onClose={() => setConfirming(false)}
      >
        What the preview counts under “Now” is deleted within minutes. This cannot be undone.
      </Confirm>
      <LeaveConfirm isBlocking={!isSame} />
    </>
  );
}

interface RuleListProps {
  readonly editor: ReturnType<typeof useDrafts>;
  readonly mayChange: boolean;
}

function RuleList({ editor, mayChange }: RuleListProps) {
  const { drafts, setDrafts, openKey, setOpenKey } = editor;
  return (
    <ol className="divide-y divide-line">
      {drafts.map((draft, index) => (
        <RuleEditor
          key={draft.key}
          draft={draft}
          mayChange={mayChange}
          place={index + 1}
          isLast={index === drafts.length - 1}
          isOpen={openKey === draft.key}
          onOpen={(isOpen) => setOpenKey(isOpen ? draft.key : null)}
          onChange={(next) => setDrafts(drafts.with(index, next))}
          onMove={(by) => setDrafts(moved(drafts, index, by))}
          onRemove={() => setDrafts(drafts.toSpliced(index, 1))}
        />
      ))}
    </ol>
  );
}

/** The rules as they are edited; `wanted` is null while one is incomplete. */
function useDrafts(rules: readonly Rule[]) {
  const [drafts, setDrafts] = useState(() => rules.map(toDraft));
  const [base, setBase] = useState(rules);
  const [openKey, setOpenKey] = useState<number | null>(null);
  const preview = usePreview();
  const isRight = drafts.every((draft) => Object.keys(findFlaws(draft)).length === 0);
  const wanted = isRight ? drafts.map(toRule) : null;
  const isSame = wanted !== null && sameText(wanted) === sameText(rules);
  // The saved rules have changed elsewhere: show them unless there are unsaved changes.
  if (sameText(base) !== sameText(rules)) {
    setBase(rules);
    if (wanted && sameText(wanted) === sameText(base)) setDrafts(rules.map(toDraft));
  }
  // A preview of other rules than these does not count.
  const seen =
    preview.data && wanted && sameText(preview.data.rules) === sameText(wanted)
      ? preview.data
      : null;
  const discard = () => {
    setDrafts(rules.map(toDraft));
    setOpenKey(null);
  };
  const add = () => {
    const draft = newDraft();
    setDrafts([...drafts, draft]);
    setOpenKey(draft.key);
  };
  return { drafts, setDrafts, wanted, isSame, preview, seen, openKey, setOpenKey, add, discard };
}

/** Equal rules have equal texts, regardless of the order of their keys. */
const sameText = (rules: readonly Rule[]): string =>
  JSON.stringify(rules.map((rule) => toRule(toDraft(rule))));

const moved = (drafts: readonly Draft[], from: number, by: 1 | -1): Draft[] => {
  const draft = drafts[from];
  return draft ? drafts.toSpliced(from, 1).toSpliced(from + by, 0, draft) : [...drafts];
};

interface SaveBarProps {
  readonly mayChange: boolean;
  readonly isSame: boolean;
  readonly isComplete: boolean;
  readonly isSeen: boolean;
  readonly isSaved: boolean;
  readonly isPreviewing: boolean;
  readonly isSaving: boolean;
  readonly onPreview: () => void;
  readonly onSave: () => void;
  readonly onDiscard: () => void;
}

function SaveBar(props: SaveBarProps) {
  const { mayChange, isSame, isComplete, isSeen, isSaved, isPreviewing, isSaving } = props;
  const { onPreview, onSave, onDiscard } = props;
  return (
    <div className="mt-3 flex flex-wrap items-center gap-2 border-t border-line pt-3">
      <Button
        look={isSame || isSeen ? 'plain' : 'primary'}
        isBusy={isPreviewing}
        disabled={!isComplete}
        onClick={onPreview}
      >
        {isPreviewing ? 'Counting…' : 'Preview'}
      </Button>
      {mayChange && (
        <Button
          look={isSeen && !isSame ? 'primary' : 'plain'}
          disabled={isSame || !isSeen}
          isBusy={isSaving}
          onClick={onSave}
        >
          Save these rules
        </Button>
      )}
      {mayChange && !isSame && <Button text="Discard changes" look="quiet" onClick={onDiscard} />}
      <p role="status" className="text-ink-soft">
        {isSame
          ? isSaved && 'Saved.'
          : !isSeen && !isComplete
            ? 'Complete every rule to see the preview.'
            : 'Not saved yet. Preview the rules first: deleted data cannot be restored.'}
      </p>
    </div>
  );
}

function LeaveConfirm({ isBlocking }: { readonly isBlocking: boolean }) {
  const leaving = useBlocker({
    shouldBlockFn: () => isBlocking,
    enableBeforeUnload: () => isBlocking,
    withResolver: true,
  });
  return (
    <Confirm
      title="Leave without saving?"
      action="Leave"
      isOpen={leaving.status === 'blocked'}
      onConfirm={() => leaving.proceed?.()}
      onClose={() => leaving.reset?.()}
    >
      The rules are not saved yet. Your changes will be lost.
    </Confirm>
  );
}
