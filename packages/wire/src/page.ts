import Type, { type TSchema } from 'typebox';
import { maybe, nullable, optional } from './types.ts';

export const Cursor = Type.String({ maxLength: 8192 });
const limit = (byDefault: number, maximum = 100) =>
  Type.Integer({ minimum: 1, maximum, default: byDefault });
const LIMIT = 'The maximum number of items to return';
const NEXT_CURSOR = 'The `NextCursor` of a page, to get the page after it';
const NEXT_PAGE = 'The cursor of the next page; null on the last page';

export const pageKeys = {
  Limit: maybe(limit(10), LIMIT),
  NextCursor: maybe(Cursor, NEXT_CURSOR),
  PreviousCursor: maybe(
    Cursor,
    'The `PreviousCursor` of a page, to get the page before it; not together with `NextCursor`',
  ),
};

/** Pages in both directions. */
export const page = <Item extends TSchema>(item: Item, title: string) =>
  Type.Object(
    {
      Items: Type.Array(item, { description: 'The items of the page' }),
      NextCursor: nullable(Type.String(), NEXT_PAGE),
      PreviousCursor: nullable(
        Type.String(),
        'The cursor of the previous page; null on the first page',
      ),
      HasNextPage: Type.Boolean({ description: 'True if `NextCursor` is not null' }),
      HasPreviousPage: Type.Boolean({ description: 'True if `PreviousCursor` is not null' }),
      PageSize: Type.Integer({ description: 'The `Limit` of the request' }),
      TotalCount: Type.Integer({
        description: 'The exact number of items that match the filter now',
      }),
    },
    { title },
  );

/** Only pages forward. */
export const collection = <Item extends TSchema>(item: Item) =>
  Type.Object({
    Items: Type.Array(item, { description: 'The items of the page' }),
    NextCursor: nullable(Type.String(), NEXT_PAGE),
  });

export const collectionKeys = collectionQuery(50);

export function collectionQuery(byDefault: number, maximum?: number) {
  return {
    Limit: optional(limit(byDefault, maximum), LIMIT),
    NextCursor: optional(Cursor, NEXT_CURSOR),
  };
}

export const collectionBodyKeys = {
  Limit: maybe(limit(50), LIMIT),
  NextCursor: maybe(Cursor, NEXT_CURSOR),
};
