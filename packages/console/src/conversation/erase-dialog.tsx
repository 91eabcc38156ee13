import { Link, useNavigate } from '@tanstack/react-router';
import { hasReason } from '../api/failure.ts';
import { useChange } from '../api/use-op.ts';
import { useBusinessId, useMay } from '../app-shell/business.ts';
import { Confirm } from '../ui/overlays/confirm.tsx';

/** A legal hold prevents erasing, with an error. */
export function EraseDialog({
  sessionId,
  isOpen,
  onClose,
}: {
  readonly sessionId: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const maySeeHolds = useMay()('Settings', 'Retrieving');
  const erase = useChange('DeleteConversation', ['GetConversations']);
  return (
    <Confirm
      title="Erase this conversation?"
      action="Erase permanently"
      isOpen={isOpen}
      isBusy={erase.isPending}
      error={erase.error}
      onClose={() => {
        erase.reset();
        onClose();
      }}
      onConfirm={() =>
        erase.mutate(
          { businessId, sessionId },
          {
            onSuccess: () =>
              void navigate({ to: '/b/$businessId/conversations', params: { businessId } }),
          },
        )
      }
    >
      <p>
        This permanently deletes the transcript, logs, participants and recordings. The id cannot be
        used again.
      </p>
      {maySeeHolds && hasReason(erase.error, 'CONFLICT') && (
        <Link
          to="/b/$businessId/settings/$section"
          params={{ businessId, section: 'holds' }}
          className="mt-2 inline-block min-h-6 text-accent underline underline-offset-2"
        >
          Legal holds
        </Link>
      )}
    </Confirm>
  );
}
