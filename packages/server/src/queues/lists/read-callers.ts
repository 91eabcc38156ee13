import { toE164 } from '@colloquy/phone-numbers';
import { systemScope } from '../../access/authorization/scope.ts';
import type { ComputedBackfill } from '../../kernel/jobs/backfill.ts';
import { countCallers, listCallers, setCallerNumbers } from './caller-store.ts';

export const callersBackfill: ComputedBackfill = {
  name: 'read-caller-numbers',
  firstKey: [''],
  countRows: (db, businessId) => countCallers(db, systemScope(businessId)),
  async prepareBatch(db, businessId, [after], limit) {
    const scope = systemScope(businessId);
    const callers = await listCallers(db, scope, String(after), limit);
    const read = callers.flatMap(({ id, number, e164: stored }) => {
      const e164 = stored === null ? toE164(number) : null;
      return e164 === null ? [] : [{ id, number, e164 }];
    });
    const last = callers.at(-1);
    return {
      last: last ? [last.id] : null,
      rows: callers.length,
      write: (tx) => setCallerNumbers(tx, scope, read),
    };
  },
};
