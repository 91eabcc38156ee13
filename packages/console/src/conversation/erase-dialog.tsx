import { Link, useNavigate } from '@tanstack/react-router';
import { hasReason } from '../api/failure.ts';
import { useChange } from '../api/use-op.ts';
import { useBusinessId, useMay } from '../app-shell/business.ts';
import { sectionLink } from '../app-shell/links.ts';
import { Confirm } from '../ui/overlays/confirm.tsx';

interface Props {
  readonly sessionId: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

export function EraseDialog({ sessionId, isOpen, onClose }: Props) {
  const businessId = useBusinessId();
  const navigate = useNavigate();
  const maySeeHolds = useMay()('Settings', 'Retrieving');
  const erase = useChange('DeleteConversation', ['GetConversations']);
  const goToList = () =>
    void navigate({ to: '/b/$businessId/conversations', params: { businessId } });
  return (
    <Confirm
      title="Erase this conversation?"
      action="Erase permanently"
      isOpen={isOpen}
      change={erase}
      onClose={() => {
        erase.reset();
        onClose();
      }}
      onConfirm={() => erase.mutate({ businessId, sessionId }, { onSuccess: goToList })}
    >
      <p>
        This permanently deletes the transcript, logs, participants and recordings. The id cannot be
        used again.
      </p>
      {maySeeHolds && hasReason(erase.error, 'CONFLICT') && (
        <Link
          {...sectionLink(businessId, 'holds')}
          className="mt-2 inline-block min-h-6 text-accent underline underline-offset-2"
        >
          Legal holds
        </Link>
      )}
    </Confirm>
  );
}
