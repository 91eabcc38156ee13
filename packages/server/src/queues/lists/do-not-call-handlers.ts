import type { Handlers } from '../../access/authorization/call.ts';
import { auditRead, maskingOf } from '../../conversations/masking/masked.ts';
import { Fault } from '../../kernel/fault.ts';
import { formatInstant } from '../../kernel/instant.ts';
import { readAscending } from '../../kernel/page.ts';
import { readNumberRows } from '../enqueue/recipient-rows.ts';
import { countryFromWire, numberFromWire, numberStartFromWire } from '../from-wire.ts';
import type { QueueHandlerContext } from '../queue-context.ts';
import { forbiddenToWire } from '../to-wire.ts';
import { allowNumber, forbidNumbers } from './do-not-call.ts';
import { listDoNotCall } from './do-not-call-store.ts';

type Names = 'GetDoNotCall' | 'AddDoNotCall' | 'RemoveDoNotCall';

export function doNotCallHandlers(ctx: QueueHandlerContext): Handlers<Names> {
  return {
    async GetDoNotCall({ scope, query }) {
      if (maskingOf(ctx.secrets, scope)) {
        throw new Fault(
          'PERMISSION_DENIED',
          'This is a list of phone numbers alone, and they are masked for this key; it takes Conversations.Unredacted.',
        );
      }
      const start = numberStartFromWire(query.StartsWith);
      return readAscending(ctx, `do-not-call ${scope.businessId} ${start}`, query, {
        first: '',
        async read(after, limit) {
          const found = await listDoNotCall(ctx.db, scope, { after, start, limit });
          const ids = found.map(({ number }) => number);
          await auditRead(ctx, scope, { operation: 'GetDoNotCall', kind: 'PhoneNumber', ids });
          return found;
        },
        keyOf: ({ number }) => number,
        toWire: ({ number, addedAt }) => ({ Number: number, AddedAt: formatInstant(addedAt) }),
      });
    },
    async AddDoNotCall({ scope, body, csv }) {
      const country = countryFromWire((csv?.query ?? body).DefaultCountry);
      const numbers = csv
        ? await readNumberRows(csv, country)
        : body.Numbers.map((text, index) => ({ text, index }));
      return { data: forbiddenToWire(await forbidNumbers(ctx, scope, numbers, country)) };
    },
    async RemoveDoNotCall({ scope, params }) {
      const number = numberFromWire('number', params.number);
      await allowNumber(ctx, scope, number);
      return { data: { Number: number } };
    },
  };
}
