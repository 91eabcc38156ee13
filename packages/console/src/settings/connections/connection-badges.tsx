import { Badge } from '../../ui/badge.tsx';
import type { Connection } from './connection.ts';
import { guideOf } from './sources.ts';

interface Props {
  readonly connection: Connection;
  readonly failures: number;
}

export function ConnectionBadges({ connection, failures }: Props) {
  const { Source, IsPaused, LastReceivedAt } = connection;
  const isUnused = LastReceivedAt === null;
  return (
    <>
      <Badge>{guideOf(Source).label}</Badge>
      {IsPaused && <Badge tone="warn">Paused</Badge>}
      {!IsPaused && isUnused && <Badge tone="info">Waiting for the first request</Badge>}
      {!IsPaused && !isUnused && failures === 0 && <Badge tone="good">Active</Badge>}
      {failures > 0 && <Badge tone="bad">Failures</Badge>}
    </>
  );
}
