import { useState } from 'react';
import { Card } from '../../ui/page.tsx';
import { type Connection, completeOptions } from './connection.ts';
import { ConnectionUrl, Steps } from './instructions.tsx';
import { guideOf } from './sources.ts';

/** The steps are open until the first request came. */
export function SetUp({ connection }: { readonly connection: Connection }) {
  const { Source, Url, Options, LastReceivedAt } = connection;
  const [isOpen] = useState(LastReceivedAt === null);
  return (
    <Card title="URL" lead={`${guideOf(Source).label} sends its requests to this address.`}>
      <ConnectionUrl source={Source} url={Url} />
      <details open={isOpen} className="mt-3">
        <summary className="min-h-6 w-fit rounded py-0.5 font-medium">
          How to set up {guideOf(Source).label}
        </summary>
        <div className="mt-2">
          <Steps source={Source} options={completeOptions(Source, Options)} />
        </div>
      </details>
    </Card>
  );
}
