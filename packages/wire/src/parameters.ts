import Type, { type TSchema } from 'typebox';
import { AnyNumber, about, BusinessId, Id } from './types.ts';

export function parameter<S extends TSchema>(
  schema: S,
  description: string,
  example: string | number,
): S {
  return Object.assign(about(schema, description), { examples: [example] });
}

const businessId = parameter(BusinessId, 'The id of the business', 12345);
/** `businessId` first. */
export const inBusiness = <P extends Record<string, TSchema>>(others: P) =>
  Type.Object({ businessId, ...others });

export const businessParams = inBusiness({});
export const sessionParams = inBusiness({
  sessionId: parameter(Id, 'The id of the conversation', 'session_abc123'),
});
export const queueParams = inBusiness({
  queueId: parameter(Id, 'The id of the call in the queue', 'queue_xyz789'),
});
export const campaignParams = inBusiness({
  campaignId: parameter(Id, 'The id of the campaign', 'spring'),
});
export const numberParams = inBusiness({
  number: parameter(AnyNumber, 'The phone number, in any usual spelling', '+15551234567'),
});
