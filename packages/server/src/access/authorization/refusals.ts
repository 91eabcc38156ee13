import { Fault } from '../../kernel/fault.ts';
import type { Standing } from '../api-keys/key-store.ts';
import type { Permission, Session } from './scope.ts';

/** SHA-256 of a key in base64, or a session. Messages depend on the kind. */
export type Credential = string | Session;

const isKey = (by: Credential) => typeof by === 'string';

export function userDisabled(by: Credential): Fault {
  return new Fault(
    'USER_DISABLED',
    isKey(by)
      ? 'The user of this API key is disabled; ask an admin to enable the user, or use another key.'
      : 'Your user is disabled; ask an admin to enable it.',
  );
}

export function sessionExpired(): Fault {
  return new Fault('SESSION_EXPIRED', 'Your session has ended; sign in again.');
}

export function requireUsableBusiness(by: Credential, standing: Standing, businessId: number) {
  if (standing.businessId === null) {
    throw new Fault(
      'BUSINESS_ACCESS_DENIED',
      `${isKey(by) ? 'This API key' : 'Your user'} may not use business ${businessId}; check the number, or ask an admin for access.`,
    );
  }
  if (standing.isBusinessDisabled) {
    throw new Fault(
      'BUSINESS_DISABLED',
      `Business ${businessId} is disabled; ask an admin to enable it.`,
    );
  }
  if (!standing.isEditingEnabled) {
    throw new Fault(
      'BUSINESS_EDITING_DISABLED',
      `Editing is switched off for business ${businessId}; ask an admin to switch it on.`,
    );
  }
}

export function lacksPermission(by: Credential, { module, anyOf, onlyOwner }: Permission): Fault {
  const types = ['Full', ...anyOf].join(' or ');
  const owner = onlyOwner ? ' of an Owner' : '';
  return new Fault(
    'PERMISSION_DENIED',
    isKey(by)
      ? `This API key lacks ${module} with ${types}; use a key${owner} that holds it.`
      : `Your role lacks ${module} with ${types}; ask an Owner of the business${onlyOwner ? '' : ' for it'}.`,
  );
}
