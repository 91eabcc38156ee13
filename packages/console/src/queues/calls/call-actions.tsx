import type { OutputOf } from '@colloquy/sdk';
import { CalendarClock, Ellipsis, PhoneOff } from 'lucide-react';
import { useState } from 'react';
import { useChange } from '../../api/use-op.ts';
import { useBusinessId, useMay } from '../../app-shell/business.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Field } from '../../ui/forms/field.tsx';
import { DialogForm } from '../../ui/forms/form.tsx';
import { Confirm } from '../../ui/overlays/confirm.tsx';
import { Dialog } from '../../ui/overlays/dialog.tsx';
import { Menu, MenuItem } from '../../ui/overlays/menu.tsx';
import { toExactInstant, toLocalInput } from '../../ui/text/local-time.ts';
import { isBackward, ScheduleFields } from '../campaigns/schedule-fields.tsx';

type Call = Pick<
  OutputOf<'GetOutboundQueue'>,
  'QueueId' | 'Status' | 'SessionId' | 'ScheduledFor' | 'ExpiresAt' | 'RecipientNumber'
>;

const READS_TO_REFRESH = [
  'GetOutboundQueue',
  'GetOutboundQueueHistory',
  'GetOutboundQueues',
  'CountOutboundQueues',
  'GetCampaigns',
  'SimulateOutboundQueue',
] as const;

interface Props {
  readonly call: Call;
  readonly asMenu?: boolean;
}

export function CallActions({ call, asMenu = false }: Props) {
  const may = useMay();
  const [dialog, setDialog] = useState<'cancel' | 'reschedule' | null>(null);
  const waits = call.Status === 'Queued';
  const isInProgress = call.Status.startsWith('Process') && call.SessionId !== null;
  const isOpen = waits || call.Status.startsWith('Process');
  if (!may('MakeCall', 'Executing')) return null;
  const close = () => setDialog(null);
  const items = asMenu ? (
    <Menu
      align="end"
      trigger={<IconButton label={`Change the call to ${call.RecipientNumber}`} icon={Ellipsis} />}
    >
      <MenuItem
        icon={CalendarClock}
        iconSize={15}
        isDisabled={!waits}
        onSelect={() => setDialog('reschedule')}
      >
        Reschedule…
      </MenuItem>
      <MenuItem icon={PhoneOff} iconSize={15} isDangerous onSelect={() => setDialog('cancel')}>
        {isInProgress ? 'Force cancel…' : 'Cancel call…'}
      </MenuItem>
    </Menu>
  ) : (
    <>
      {waits && (
        <Button icon={CalendarClock} iconSize={15} onClick={() => setDialog('reschedule')}>
          Reschedule
        </Button>
      )}
      <Button icon={PhoneOff} iconSize={15} look="danger" onClick={() => setDialog('cancel')}>
        {isInProgress ? 'Force cancel' : 'Cancel call'}
      </Button>
    </>
  );
  return (
    <>
      {isOpen && items}
      {/* Stays open if the call has already ended, to show the error. */}
      {dialog === 'cancel' && <Cancel call={call} onClose={close} />}
      {dialog === 'reschedule' && <Reschedule call={call} onClose={close} />}
    </>
  );
}

interface AskProps {
  readonly call: Call;
  readonly onClose: () => void;
}

function Cancel({ call: { QueueId: queueId, Status, SessionId }, onClose }: AskProps) {
  const businessId = useBusinessId();
  const cancel = useChange('CancelOutboundQueue', READS_TO_REFRESH);
  const [reason, setReason] = useState('');
  const Reason = reason.trim() || null;
  // Fixed when the dialog opens: a conversation may begin while it is open.
  const [Force] = useState(Status.startsWith('Process') && SessionId !== null);
  return (
    <Confirm
      title={Force ? 'Cancel the call under way?' : 'Cancel this call?'}
      action={Force ? 'Force cancel' : 'Cancel call'}
      dismiss="Keep call"
      isOpen
      change={cancel}
      onClose={onClose}
      onConfirm={() =>
        cancel.mutate({ businessId, queueId, Reason, Force }, { onSuccess: onClose })
      }
    >
      {Force ? (
        <>
          <p className="mb-2">Use this if the worker of the call has died. It cannot be undone:</p>
          <ul className="mb-3 list-disc ps-5">
            <li>The call ends as canceled and is not retried. Its slot is free at once.</li>
            <li>Its conversation ends as failed and takes no more messages.</li>
            <li>Its worker loses the lease. If it still runs, it does not hang up.</li>
          </ul>
        </>
      ) : (
        <p className="mb-3">The call is not made. It stays in the list as canceled.</p>
      )}
      <Field
        label="Reason"
        value={reason}
        onText={setReason}
        hint="Optional; shown in the history of the call"
        maxLength={1000}
        dir="auto"
      />
    </Confirm>
  );
}

function Reschedule({ call, onClose }: AskProps) {
  const businessId = useBusinessId();
  const change = useChange('RescheduleOutboundQueue', READS_TO_REFRESH);
  const [schedule, setSchedule] = useState({
    from: toLocalInput(call.ScheduledFor),
    until: toLocalInput(call.ExpiresAt),
  });
  const onSubmit = () => {
    if (isBackward(schedule)) return;
    const { from, until } = schedule;
    // Replaces the whole schedule.
    const Schedule = {
      DateTimeUTC: toExactInstant(from, call.ScheduledFor),
      MaxDateTimeUTC: toExactInstant(until, call.ExpiresAt),
    };
    change.mutate({ businessId, queueId: call.QueueId, Schedule }, { onSuccess: onClose });
  };
  return (
    <Dialog
      title="Reschedule the call"
      description={`Times are in your time zone (${Intl.DateTimeFormat().resolvedOptions().timeZone}).`}
      isOpen
      onClose={onClose}
    >
      <DialogForm submit="Reschedule" change={change} onSubmit={onSubmit} onCancel={onClose}>
        <ScheduleFields schedule={schedule} onChange={setSchedule} />
      </DialogForm>
    </Dialog>
  );
}
