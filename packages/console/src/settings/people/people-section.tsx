import { UserPlus, Users } from 'lucide-react';
import { useState } from 'react';
import { type ItemOf, useList } from '../../api/use-list.ts';
import { useChange } from '../../api/use-op.ts';
import { useBusiness, useBusinessId, useMay } from '../../app-shell/business.ts';
import { useSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty, Failure } from '../../ui/notice.tsx';
import { Confirm, ConfirmButton } from '../../ui/overlays/confirm.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { dated, Row, Rows, Small } from '../rows.tsx';
import { Invitations, InviteDialog } from './invitations.tsx';
import { PeopleNames } from './people-names.tsx';
import { RoleMenu } from './role-menu.tsx';
import { ROLE_WORDS, ROLES, type Role } from './roles.ts';

type Member = ItemOf<'GetMembers'>;

export function PeopleSection() {
  const businessId = useBusinessId();
  const { Name } = useBusiness();
  const may = useMay();
  const list = useList('GetMembers', { businessId, Limit: 50 });
  const [isInviting, setInviting] = useState(false);
  const invite = may('People', 'Adding') && (
    <Button icon={UserPlus} look="primary" onClick={() => setInviting(true)}>
      Invite someone
    </Button>
  );
  return (
    <Page title="People" lead={`Who may use ${Name}, and with which role.`} actions={invite}>
      <Card
        title="Members"
        lead="Admins of the installation may use every business and are not listed."
      >
        <Rows
          label="Members"
          list={list}
          empty={
            <Empty icon={Users} title="No members yet">
              Invite someone, and pass on the link that you get.
            </Empty>
          }
        >
          {(member) => <MemberRow key={member.UserId} member={member} />}
        </Rows>
      </Card>
      <PeopleNames>
        <Invitations />
      </PeopleNames>
      <Card title="Roles">
        <dl className="grid grid-cols-1 gap-x-6 gap-y-2 sm:grid-cols-[auto_1fr]">
          {ROLES.map((role) => (
            <div key={role} className="contents">
              <dt className="font-medium">{role}</dt>
              <dd className="text-ink-soft">{ROLE_WORDS[role]}</dd>
            </div>
          ))}
        </dl>
      </Card>
      {isInviting && <InviteDialog onClose={() => setInviting(false)} />}
    </Page>
  );
}

function MemberRow({ member }: { readonly member: Member }) {
  const businessId = useBusinessId();
  const may = useMay();
  const isSelf = useSession().User.UserId === member.UserId;
  const [ownRole, setOwnRole] = useState<Role | null>(null);
  const put = useChange('PutMember', ['GetMembers', 'GetBusiness']);
  const remove = useChange('RemoveMember', ['GetMembers', 'GetBusinessApiKeys']);
  const give = (role: Role) =>
    put.mutate(
      { businessId, UserId: member.UserId, Role: role },
      { onSuccess: () => setOwnRole(null) },
    );
  return (
    <Row
      actions={
        <>
          <RoleMenu
            label={`Role of ${member.Name}`}
            value={member.Role}
            isBusy={put.isPending}
            isFixed={member.IsOwner || !may('People', 'Editing')}
            onChoose={isSelf ? setOwnRole : give}
          />
          {may('People', 'Deleting') && !member.IsOwner && (
            <ConfirmButton
              text="Remove"
              label={`Remove ${member.Name}`}
              title={`Remove ${member.Name}?`}
              action="Remove member"
              change={remove}
              input={{ businessId, userId: member.UserId }}
            >
              {isSelf
                ? 'You and your keys can no longer use this business.'
                : 'From their next click, they and their keys can no longer use this business. Their past actions stay recorded.'}
            </ConfirmButton>
          )}
        </>
      }
    >
      <p className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 truncate font-medium" dir="auto">
          {member.Name}
        </span>
        {isSelf && <Badge tone="accent">You</Badge>}
        {member.IsOwner && <Badge>Belongs to them</Badge>}
        {member.IsDisabled && <Badge tone="bad">Disabled</Badge>}
      </p>
      <Small parts={[member.Email, dated('added', member.AddedAt)]} />
      {put.error && ownRole === null && <Failure error={put.error} />}
      <Confirm
        title={`Make yourself ${ownRole ?? member.Role}?`}
        action="Change my role"
        isOpen={ownRole !== null}
        change={put}
        onConfirm={() => ownRole !== null && give(ownRole)}
        onClose={() => setOwnRole(null)}
      >
        From your next click, you and your keys have only the permissions of the role {ownRole}.
        Only another user who manages people of this business can give your role back to you.
      </Confirm>
    </Row>
  );
}
