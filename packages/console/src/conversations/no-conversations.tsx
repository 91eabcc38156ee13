import { Link } from '@tanstack/react-router';
import { MessagesSquare } from 'lucide-react';
import { useBusinessId } from '../app-shell/business.ts';
import { buttonClass } from '../ui/button.tsx';
import { Empty } from '../ui/notice.tsx';

export function NoConversations() {
  const businessId = useBusinessId();
  return (
    <Empty icon={MessagesSquare} title="No conversations yet">
      <p className="mb-3">They appear here as they happen, once your voice agent sends them.</p>
      <Link to="/b/$businessId/overview" params={{ businessId }} className={buttonClass('primary')}>
        Send your first conversation
      </Link>
    </Empty>
  );
}
