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
import { letsGo, PreviewTables, usePreview } from './retention-preview.tsx';
import { draftOf, flawsOf, newDraft, type Rule, ruleOf } from './retention-rules.ts';
import { RuleEditor } from './rule-editor.tsx';

/** The rules in their order, to be changed, looked at in their effect, and saved. */
export function RetentionEditor({
  rules,
  mayChange,
}: {
  readonly rules: readonly Rule[];
  readonly mayChange: boolean;
}) {
  const businessId = useBusinessId();
  const [drafts, setDrafts] = useState(() => rules.map(draftOf));
  const [base, setBase] = useState(rules);
  const [openKey, setOpenKey] = useState<number | null>(null);
  const [asks, setAsks] = useState(false);
  const preview = usePreview();
  const put = useChange('PutRetention', ['GetRetention', 'GetAudit']);
  const isRight = drafts.every((draft) => Object.keys(flawsOf(draft)).length === 0);
  const wanted = isRight ? drafts.map(ruleOf) : null;
  const isSame = wanted !== null && sameText(wanted) === sameText(rules);
  // Somebody else saved rules: what nobody has changed here follows them.
  if (sameText(base) !== sameText(rules)) {
    setBase(rules);
    if (wanted && sameText(wanted) === sameText(base)) setDrafts(rules.map(draftOf));
  }
  // Another draft than the one that was looked at has yet to be looked at.
  const seen =
    preview.data && wanted && sameText(preview.data.rules) === sameText(wanted)
      ? preview.data
      : null;
  const leaving = useBlocker({
    shouldBlockFn: () => !isSame,
    enableBeforeUnload: () => !isSame,
    withResolver: true,
  });
  const move = (from: number, by: 1 | -1) => {
    const next = [...drafts];
    const [draft] = next.splice(from, 1);
    if (draft) setDrafts(next.toSpliced(from + by, 0, draft));
  };
  const add = () => {
    const draft = newDraft();
    setDrafts([...drafts, draft]);
    setOpenKey(draft.key);
  };
  const save = () => {
    if (!wanted) return;
    put.mutate(
      { businessId, Rules: wanted },
      {
        onSuccess: () => {
          setAsks(false);
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
            <Button onClick={add} disabled={drafts.length >= MAX_RETENTION_RULES}>
              <Plus aria-hidden size={14} /> Add a rule
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
        <ol className="divide-y divide-line">
          {drafts.map((draft, index) => (
            <RuleEditor
              key={draft.key}
              draft={draft}
              place={index + 1}
              isLast={index === drafts.length - 1}
              isOpen={openKey === draft.key}
              mayChange={mayChange}
              onOpen={(isOpen) => setOpenKey(isOpen ? draft.key : null)}
              onChange={(next) => setDrafts(drafts.with(index, next))}
              onMove={(by) => move(index, by)}
              onRemove={() => setDrafts(drafts.toSpliced(index, 1))}
            />
          ))}
        </ol>
        {!(isSame && drafts.length === 0) && (
          <div className="mt-3 flex flex-wrap items-center gap-2 border-t border-line pt-3">
            <Button
              look={isSame || seen ? 'plain' : 'primary'}
              isBusy={preview.isPending}
              disabled={wanted === null}
              onClick={() => wanted && preview.mutate(wanted)}
            >
              {preview.isPending ? 'Counting…' : 'Preview'}
            </Button>
            {mayChange && (
              <Button
                look={seen && !isSame ? 'primary' : 'plain'}
                disabled={isSame || !seen}
                isBusy={put.isPending}
                onClick={() => (seen && letsGo(seen.all.Now) ? setAsks(true) : save())}
              >
                Save these rules
              </Button>
            )}
            {mayChange && !isSame && (
              <Button
                look="quiet"
                onClick={() => {
                  setDrafts(rules.map(draftOf));
                  setOpenKey(null);
                }}
              >
                Discard changes
              </Button>
            )}
            <p role="status" className="text-ink-soft">
              {isSame
                ? put.isSuccess && 'Saved.'
                : !seen && wanted === null
                  ? 'Complete every rule to see the preview.'
                  : 'Not saved yet. Preview the rules first: deleted data cannot be restored.'}
            </p>
          </div>
        )}
        {preview.error && <Failure error={preview.error} />}
        {put.error && !asks && <Failure error={put.error} />}
      </Card>
      {seen && <PreviewTables preview={seen} />}
      <Confirm
        title="Save these rules?"
        action="Save and delete"
        isOpen={asks}
        isBusy={put.isPending}
        error={put.error}
        onConfirm={save}
        onClose={() => setAsks(false)}
      >
        What the preview counts under “Now” is deleted within minutes. This cannot be undone.
      </Confirm>
      <Confirm
        title="Leave without saving?"
        action="Leave"
        isOpen={leaving.status === 'blocked'}
        isBusy={false}
        error={null}
        onConfirm={() => leaving.proceed?.()}
        onClose={() => leaving.reset?.()}
      >
        The rules are not saved yet. Your changes will be lost.
      </Confirm>
    </>
  );
}

/** The same text for the same rules, in whatever order their keys are. */
const sameText = (rules: readonly Rule[]): string =>
  JSON.stringify(rules.map((rule) => ruleOf(draftOf(rule))));
